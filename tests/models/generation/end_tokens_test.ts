/** Where answers end, beside the Python library transformers on the same folders. */
import { fileURLToPath } from "node:url";
import { useEngine } from "../../../lib/engines/mod.ts";
import { answerRows } from "../../../lib/evaluation/answer_rows.ts";
import { evaluate } from "../../../lib/evaluation/evaluate.ts";
import {
  answerText,
  endTokensOf,
  generate,
  initializeModel,
  isEnded,
  loadModel,
  saveModel,
} from "../../../lib/models/mod.ts";
import { loadTokenizer, tokenizerOf } from "../../../lib/text/tokenizer.ts";
import { studentResponses } from "../../../lib/training/policy/student_responses.ts";
import { assert, assertEquals, assertRejects, assertThrows } from "../../support/mod.ts";
import { python, testWithPython } from "../../support/python.ts";

await useEngine("wasm");

const builtIn = await loadTokenizer("data/tokenizer");
const sizes = { model_type: "gpt2", vocab_size: 4096, n_positions: 64, n_embd: 16, n_layer: 1, n_head: 2 };
const questions = ["Name a wader.\n", "Name a tree.\n", "A stone is", "What?", "Which river is long?\n", "Say it"];
const rows = questions.map((prompt) => ({ prompt, outputs: ["heron"] }));
const prompts = questions.map((prompt) => builtIn.encode(prompt));
const maxNewTokens = 12;

/** A model whose greedy answers vary, and the answers that nothing ends. */
const model = initializeModel({ ...sizes, initializer_range: 0.9 }, { seed: 3 });
const free = await generate(model, prompts, { maxNewTokens, temperature: 0, stopTokens: [] });

/** The built-in tokenizer with another end token. */
function tokenizerEndingWith(id: number) {
  const { specification } = builtIn;
  const { vocab } = specification.model as { vocab: Record<string, number> };
  const text = Object.keys(vocab).find((token) => vocab[token] === id);
  return tokenizerOf({ tokenizer: JSON.stringify(specification), config: JSON.stringify({ eos_token: text }) });
}

/** Saves the model with these end tokens; an absent generation_config.json is `undefined`. */
async function folderWith({ config, generation }: { config?: unknown; generation?: Record<string, unknown> }) {
  const folder = await Deno.makeTempDir();
  await saveModel(model, folder);
  const json = JSON.parse(await Deno.readTextFile(`${folder}/config.json`));
  const withEnds = config === undefined ? json : { ...json, eos_token_id: config };
  await Deno.writeTextFile(`${folder}/config.json`, JSON.stringify(withEnds));
  const path = `${folder}/generation_config.json`;
  if (generation === undefined) await Deno.remove(path);
  else await Deno.writeTextFile(path, JSON.stringify(generation));
  return folder;
}

const [a, b, c] = [free[0][2], free[1][5], free[2][7]];

const cases: { config?: unknown; generation?: Record<string, unknown>; ends: number[] }[] = [
  { generation: { eos_token_id: [a, b] }, config: a, ends: [a, b] },
  { generation: { eos_token_id: [b, b] }, config: null, ends: [b] },
  { generation: { eos_token_id: b }, ends: [b] },
  { generation: { eos_token_id: a }, config: b, ends: [a, b] },
  { generation: { eos_token_id: null }, config: [a], ends: [a] },
  { generation: {}, config: [a, b], ends: [a, b] },
  { config: [b, a], ends: [b, a] },
  { config: a, ends: [a] },
  { config: [], ends: [] },
  { config: null, ends: [] },
  { ends: [] },
];

testWithPython(
  ["torch", "transformers"],
  "answers end where transformers' generate() ends them, in every reader of the rule",
  async () => {
    assert(new Set([a, b, c]).size === 3, "the three end tokens differ");
    const tokenizer = tokenizerEndingWith(c);
    const folders = await Promise.all(cases.map(folderWith));
    const asked = cases.flatMap(({ ends }, index) => {
      const common = { folder: folders[index], prompts, maxNewTokens };
      return [{ ...common, eos: ends.length > 0 ? ends : null }, { ...common, eos: [...ends, c] }];
    });
    const script = fileURLToPath(new URL("../../python/generate_ends.py", import.meta.url));
    const theirs: { ends: number[]; written: number[][] }[] = JSON.parse(
      await python(`import runpy, sys; sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name="__main__")`, [
        script,
        JSON.stringify(asked),
      ]),
    );
    let stopped = 0;
    for (const [index, { ends, config, generation }] of cases.entries()) {
      const name = JSON.stringify({ config, generation });
      const loaded = await loadModel(folders[index]);
      const [alone, together] = theirs.slice(2 * index, 2 * index + 2);
      assertEquals([...loaded.config.endTokens], ends, name);
      assert(alone.ends.every((end) => ends.includes(end)), `${name}: transformers stops at ${alone.ends}`);
      assertEquals(await generate(loaded, prompts, { maxNewTokens, temperature: 0 }), alone.written, name);

      const endTokens = endTokensOf({ model: loaded, tokenizer });
      assertEquals(endTokens, [...ends, c], name);
      const answers = together.written.map((tokens) => answerText(tokens, { tokenizer, endTokens }));
      const unfinished = together.written.filter((tokens) =>
        tokens.length === maxNewTokens && !isEnded(tokens, endTokens)
      );
      stopped += prompts.length - unfinished.length;

      const scored = await evaluate(loaded, rows, { tokenizer, maxNewTokens });
      assertEquals([scored.answers, scored.unfinished], [answers, unfinished.length], name);
      const lengths = { maxPromptLength: 40, maxLength: 40 + maxNewTokens };
      for await (const batch of answerRows(loaded, rows, { tokenizer, seed: 1, temperature: 0, ...lengths })) {
        for (const { row, answer, ended, tokens } of batch) {
          const expected = together.written[row];
          assertEquals([answer, ended, tokens], [answers[row], isEnded(expected, endTokens), expected.length], name);
        }
      }
      const asRows = prompts.map((ids) => ({ ids: [...ids, 0], promptLength: ids.length }));
      const responses = await studentResponses(loaded, asRows, {
        maxNewTokens,
        temperature: 0,
        seed: 1,
        stopTokens: endTokens,
      });
      assertEquals(responses.map(({ ids, promptLength }) => ids.slice(promptLength)), together.written, name);
      loaded.dispose();
    }
    assert(stopped >= 20, `only ${stopped} answers were ended`);
  },
);

Deno.test("loadModel() refuses end tokens that make no sense, naming file, field and value", async () => {
  for (const wrong of [-1, 4096, 1.5, "2", true, [1, null], [[1]], {}]) {
    const shown = JSON.stringify(wrong);
    const inConfig = await folderWith({ config: wrong, generation: {} });
    await assertRejects(() => loadModel(inConfig), Error, `current value is ${shown}`);
    await assertRejects(() => loadModel(inConfig), Error, `config.json: "eos_token_id" must be`);
    const inGeneration = await folderWith({ generation: { eos_token_id: wrong } });
    const path = `${inGeneration}/generation_config.json: "eos_token_id" must be`;
    await assertRejects(() => loadModel(inGeneration), Error, path);
    await assertRejects(() => loadModel(inGeneration), Error, `current value is ${shown}`);
  }
});

Deno.test("evaluate() ends at the stop tokens that it is given alone, and leaves every end out of the text", async () => {
  const tokenizer = tokenizerEndingWith(c);
  const given = await evaluate(model, rows, { tokenizer, maxNewTokens, stopTokens: [b] });
  const expected = free.map((tokens) => tokens.slice(0, tokens.indexOf(b) + 1 || maxNewTokens + 1));
  assertEquals(given.answers, expected.map((tokens) => answerText(tokens, { tokenizer, endTokens: [b, c] })));
  assertEquals(given.unfinished, expected.filter((tokens) => tokens.at(-1) !== b).length);
  assert(given.unfinished > 0 && given.unfinished < rows.length);
  const none = await evaluate(model, rows, { tokenizer, maxNewTokens, stopTokens: [] });
  assertEquals(none.unfinished, rows.length);
});

Deno.test("generate() refuses stop tokens outside the vocabulary", async () => {
  for (const stranger of [4096, -1, 0.5, NaN]) {
    const writing = () => generate(model, prompts, { maxNewTokens: 2, stopTokens: [1, stranger] });
    await assertRejects(
      writing,
      RangeError,
      `must be ids below 4096, the model's vocabulary, current value is ${stranger}`,
    );
  }
});

Deno.test("initializeModel() refuses an end token outside the vocabulary", () => {
  assertThrows(() => initializeModel({ ...sizes, eos_token_id: 50256 }, { seed: 1 }), RangeError, "50256");
});

Deno.test("isEnded() looks at the last token alone", () => {
  assertEquals([isEnded([1, 2], [2]), isEnded([2, 1], [2]), isEnded([], [2]), isEnded([2], [])], [
    true,
    false,
    false,
    false,
  ]);
});
