import { useEngine } from "../../lib/engines/mod.ts";
import { type Answer, answerRows, countCutPrompts } from "../../lib/evaluation/answer_rows.ts";
import { evaluate } from "../../lib/evaluation/evaluate.ts";
import { alpacaPrompt } from "../../lib/text/alpaca_prompt.ts";
import { fitPrompt } from "../../lib/text/fit_prompt.ts";
import { initializeModel } from "../../lib/models/initialize_model.ts";
import { loadTokenizer } from "../../lib/text/tokenizer.ts";
import { assert, assertEquals, assertRejects } from "../support/mod.ts";

await useEngine("wasm");

const tokenizer = await loadTokenizer("data/tokenizer");
const sizes = { model_type: "gpt2", n_positions: 48, n_embd: 16, n_layer: 1, n_head: 2, initializer_range: 0.2 };
const model = initializeModel({ ...sizes, vocab_size: tokenizer.vocabularySize }, { seed: 1 });

const rows = ["Name a wader.", "Say it.", "Name the largest tree of the forest, the one by the lake.", "Why?", "Who?"]
  .map((prompt) => ({ prompt: `${prompt}\n`, outputs: ["heron", "grey heron"] }));

const lengths = { maxPromptLength: 12, maxLength: 24 };

async function answers(options: Partial<Parameters<typeof answerRows>[2]> = {}): Promise<Answer[]> {
  const batches = await Array.fromAsync(answerRows(model, rows, { tokenizer, seed: 10, ...lengths, ...options }));
  return batches.flat().sort((a, b) => a.row - b.row);
}

Deno.test("answerRows() returns the same answers at every batch size, and others under another seed", async () => {
  const expected = await answers();
  assertEquals(expected.map(({ row }) => row), [0, 1, 2, 3, 4]);
  for (const batchSize of [1, 2, 3]) assertEquals(await answers({ batchSize }), expected);
  const other = await answers({ seed: 20 });
  assert(other.every(({ answer }, row) => answer !== expected[row].answer), "each row draws from the seed");
});

Deno.test("answerRows() and evaluate() give the same answers and scores where nothing is drawn", async () => {
  const own = await answers({ temperature: 0 });
  for (const batchSize of [2, 32]) {
    const { answers: texts, rougeL, exactMatch, unfinished } = await evaluate(model, rows, {
      tokenizer,
      maxPromptLength: lengths.maxPromptLength,
      maxNewTokens: lengths.maxLength - lengths.maxPromptLength,
      batchSize,
    });
    assertEquals(texts, own.map(({ answer }) => answer));
    assertEquals(unfinished, own.filter(({ ended }) => !ended).length);
    assertEquals(rougeL, own.reduce((sum, { rougeL }) => sum + rougeL, 0) / own.length);
    assertEquals(exactMatch, own.reduce((sum, { exactMatch }) => sum + exactMatch, 0) / own.length);
  }
});

Deno.test("answerRows() continues where some rows are done, with the same answers", async () => {
  const expected = await answers();
  assertEquals(await answers({ done: new Set([0, 3]) }), expected.filter(({ row }) => row !== 0 && row !== 3));
});

Deno.test("answerRows() writes at most what maxLength leaves beside the longest prompt, and scores it", async () => {
  for (const { tokens, answer, prompt, references, rougeL, exactMatch } of await answers()) {
    assert(tokens <= 12 && !answer.includes("<|endoftext|>"));
    assert(rougeL >= 0 && rougeL <= 100 && (exactMatch === 0 || exactMatch === 100));
    assertEquals(references, ["heron", "grey heron"]);
    assert(prompt.endsWith("\n"));
  }
  assertEquals(countCutPrompts(rows, { tokenizer, maxPromptLength: 12 }), 1);
});

Deno.test("answerRows() and evaluate() refuse a length in which no question has any of its text left", async () => {
  const asked = ["Name a wader.", "Name a tree."].map((instruction) => ({
    prompt: alpacaPrompt({ instruction }),
    outputs: ["heron"],
  }));
  const message =
    "Cannot ask: the template alone is longer than maxPromptLength in all prompts, nothing of their text is " +
    "left; current value is 12, the model's context is 48 tokens";
  const answered = (rows: typeof asked, options: object = {}) =>
    Array.fromAsync(answerRows(model, rows, { tokenizer, seed: 10, ...lengths, ...options }));
  await assertRejects(() => answered(asked), RangeError, message);
  const short = { tokenizer, maxNewTokens: 2, maxPromptLength: 12 };
  await assertRejects(() => evaluate(model, asked, short), RangeError, message);
  // One of them has text left, and the official code's way keeps first tokens whatever they are.
  assertEquals((await answered([...asked, rows[0]])).flat().length, 3);
  assertEquals((await answered(asked, { longPrompts: "first" })).flat().length, 2);
  assertEquals(await answered([]), []);
});

Deno.test("answerRows() asks with a long prompt's template whole, or with its first tokens where that is wanted", async () => {
  const prompt = alpacaPrompt({ instruction: "Name a wader of the northern lakes. ".repeat(20) });
  const asked = async (prompt: string, options: object = {}) => {
    const lengths = { maxPromptLength: 40, maxLength: 48 };
    const rows = [{ prompt, outputs: ["heron"] }];
    const batches = await Array.fromAsync(answerRows(model, rows, { tokenizer, seed: 3, ...lengths, ...options }));
    const written = { maxNewTokens: 8, maxPromptLength: 40, temperature: 0 };
    const { answers } = await evaluate(model, rows, { tokenizer, ...written, ...options });
    return [batches[0][0].answer, answers[0]];
  };
  const cut = fitPrompt(tokenizer, prompt, { maxLength: 40 });
  assert(cut.prompt.endsWith("\n\n### Response:\n") && cut.ids.length <= 40);
  assertEquals(await asked(prompt), await asked(cut.prompt));
  const first = tokenizer.decode(tokenizer.encode(prompt).slice(0, 40));
  assertEquals(await asked(prompt, { longPrompts: "first" }), await asked(first));
  assert((await asked(prompt)).join() !== (await asked(first)).join());
});

Deno.test("answerRows() refuses lengths without room for an answer or beyond the model's context", async () => {
  await assertRejects(() => answers({ maxLength: 12 }), RangeError, "current values are 12 and 12");
  await assertRejects(() => answers({ maxLength: 49 }), RangeError, "context of 48, current value is 49");
});
