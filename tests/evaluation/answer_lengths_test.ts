import { useEngine } from "../../lib/engines/mod.ts";
import { answerLengths, writtenLengths } from "../../lib/evaluation/answer_lengths.ts";
import { answerRows, evaluate } from "../../lib/evaluation/mod.ts";
import { initializeModel } from "../../lib/models/initialize_model.ts";
import { loadTokenizer } from "../../lib/text/tokenizer.ts";
import { assert, assertEquals, assertRejects, assertThrows } from "../support/mod.ts";

await useEngine("wasm");

const both = (options: Parameters<typeof answerLengths>[0]) => {
  const { maxPromptLength, maxLength } = answerLengths(options);
  return [maxPromptLength, maxLength];
};

Deno.test("answerLengths() takes 256 and 512 where the context allows it, else all of the context", () => {
  const expected = { 8192: [256, 512], 512: [256, 512], 511: [256, 511], 256: [192, 256], 128: [96, 128], 2: [1, 2] };
  for (const [context, lengths] of Object.entries(expected)) {
    assertEquals(both({ contextLength: Number(context) }), lengths, context);
  }
});

Deno.test("answerLengths() keeps what is given, and leaves the other length as it was where that fits", () => {
  const long = { contextLength: 4096 };
  assertEquals(both({ ...long, maxLength: 300 }), [256, 300]);
  assertEquals(both({ ...long, maxLength: 100 }), [75, 100]);
  assertEquals(both({ ...long, maxPromptLength: 300 }), [300, 512]);
  assertEquals(both({ ...long, maxPromptLength: 600 }), [600, 856]);
  assertEquals(both({ ...long, maxPromptLength: 4000 }), [4000, 4096]);
  assertEquals(both({ contextLength: 128, maxPromptLength: 100 }), [100, 128]);
  assertEquals(both({ contextLength: 128, maxPromptLength: 8, maxLength: 9 }), [8, 9]);
});

Deno.test("answerLengths() and writtenLengths() refuse what exceeds the context, by the names they are given", () => {
  const names = { maxPromptLength: "--prompt", maxLength: "--all", maxNewTokens: "--new" };
  const context = { contextLength: 128, names };
  const cases: [() => unknown, string][] = [
    [
      () => answerLengths({ ...context, maxLength: 129 }),
      "--all must be at most the model's context of 128, current value is 129",
    ],
    [
      () => answerLengths({ ...context, maxPromptLength: 300 }),
      "--prompt must be at most the model's context of 128, current value is 300",
    ],
    [
      () => answerLengths({ ...context, maxPromptLength: 128 }),
      "--prompt must be below the model's context of 128, current value is 128",
    ],
    [
      () => answerLengths({ ...context, maxPromptLength: 60, maxLength: 60 }),
      "--all must be above --prompt, current values are 60 and 60",
    ],
    [
      () => answerLengths({ contextLength: 128, maxLength: 1.5 }),
      "maxLength must be a positive whole number, current value is 1.5",
    ],
    [
      () => writtenLengths({ ...context, maxNewTokens: 128 }),
      "--new must be below the model's context of 128, current value is 128",
    ],
    [
      () => writtenLengths({ ...context, maxNewTokens: 0 }),
      "--new must be a positive whole number, current value is 0",
    ],
    [
      () => writtenLengths({ ...context, maxPromptLength: 100, maxNewTokens: 29 }),
      "--prompt and --new must fit the model's context of 128 together, current values are 100 and 29",
    ],
  ];
  for (const [choose, message] of cases) assertThrows(choose, RangeError, message);
});

Deno.test("writtenLengths() takes 32 new tokens behind 256, or what the context leaves", () => {
  const of = (options: Parameters<typeof writtenLengths>[0]) => Object.values(writtenLengths(options));
  assertEquals(of({ contextLength: 1024 }), [256, 32]);
  assertEquals(of({ contextLength: 128 }), [96, 32]);
  assertEquals(of({ contextLength: 16 }), [8, 8]);
  assertEquals(of({ contextLength: 128, maxNewTokens: 100 }), [28, 100]);
  assertEquals(of({ contextLength: 128, maxPromptLength: 120 }), [120, 8]);
});

Deno.test("evaluate() and answerRows() answer prompts of any length by default, whatever the context is", async () => {
  const tokenizer = await loadTokenizer("data/tokenizer");
  const sizes = { model_type: "gpt2", vocab_size: 4096, n_embd: 16, n_layer: 1, n_head: 2 };
  const rows = [3, 30, 300].map((words) => ({ prompt: "a heron ".repeat(words), outputs: ["bird"] }));
  for (const contextLength of [2, 9, 64, 600]) {
    const model = initializeModel({ ...sizes, n_positions: contextLength }, { seed: 1 });
    assertEquals((await evaluate(model, rows, { tokenizer })).answers.length, 3);
    const lengths: number[] = [];
    for await (const batch of answerRows(model, rows, { tokenizer, seed: 1 })) {
      lengths.push(...batch.map(({ tokens }) => tokens));
    }
    const { maxPromptLength, maxLength } = answerLengths({ contextLength });
    assert(lengths.length === 3 && Math.max(...lengths) <= maxLength - maxPromptLength);
    const tooLong = { tokenizer, maxNewTokens: contextLength };
    await assertRejects(() => evaluate(model, rows, tooLong), RangeError, `the model's context of ${contextLength}`);
    model.dispose();
  }
});
