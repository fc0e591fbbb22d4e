import { useEngine } from "../../lib/engines/mod.ts";
import { evaluate, scoreAnswers } from "../../lib/evaluation/evaluate.ts";
import { generate } from "../../lib/models/generation/generate.ts";
import { initializeModel } from "../../lib/models/initialize_model.ts";
import { loadTokenizer } from "../../lib/text/tokenizer.ts";
import { assertAllClose, assertEquals, assertRejects } from "../support/mod.ts";

await useEngine("wasm");

const tokenizer = await loadTokenizer("data/tokenizer");
const sizes = { model_type: "gpt2", n_positions: 64, n_embd: 16, n_layer: 1, n_head: 2 };
const model = initializeModel({ ...sizes, vocab_size: tokenizer.vocabularySize }, { seed: 1 });

const rows = [
  { prompt: "Name a wader.\n", outputs: ["heron", "grey heron"], kind: "bird" },
  { prompt: "Name a tree.\n", outputs: ["oak"], kind: "tree" },
  { prompt: "Name another wader.\n", outputs: ["stork"], kind: "bird" },
];

Deno.test("scoreAnswers() takes the best reference, and means over all rows and over each kind", () => {
  const { rougeL, exactMatch, count, kinds } = scoreAnswers(rows, ["Grey heron!", "an oak", "crane"]);
  // "an oak" against "oak": precision 1/2, recall 1, F 2/3.
  assertAllClose([rougeL, exactMatch], [(100 + 200 / 3) / 3, 100 / 3]);
  assertEquals(count, 3);
  assertEquals(kinds.bird, { rougeL: 50, exactMatch: 50, count: 2 });
  assertAllClose(kinds.tree.rougeL, 200 / 3);
});

Deno.test("evaluate() scores what the model generates, without the end token", async () => {
  const { answers, rougeL } = await evaluate(model, rows, { tokenizer, maxNewTokens: 5 });
  const prompts = rows.map(({ prompt }) => tokenizer.encode(prompt));
  const stopTokens = [tokenizer.endToken];
  const written = await generate(model, prompts, { maxNewTokens: 5, temperature: 0, stopTokens });
  const expected = written.map((ids) => tokenizer.decode(ids.filter((id) => id !== tokenizer.endToken)).trim());
  assertEquals(answers, expected);
  assertEquals(rougeL, scoreAnswers(rows, expected).rougeL);
});

Deno.test("evaluate() refuses no rows, and a tokenizer with more tokens than the model knows", async () => {
  await assertRejects(() => evaluate(model, [], { tokenizer }), RangeError, "current count is 0");
  const small = initializeModel({ ...sizes, vocab_size: 10 }, { seed: 1 });
  await assertRejects(() => evaluate(small, rows, { tokenizer }), RangeError, "4096 tokens, the model has 10");
});
