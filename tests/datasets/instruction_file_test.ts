import { parseInstructions, readInstructions, readPlacedRows } from "../../lib/datasets/instruction_file.ts";
import { alpacaPrompt } from "../../lib/text/alpaca_prompt.ts";
import { assertEquals, assertRejects, assertThrows } from "../support/mod.ts";

Deno.test("readInstructions() names the line of another layout", async () => {
  const folder = await Deno.makeTempDir();
  // As the seeds of Self-Instruct are laid out (Wang et al., 2023).
  const seed = { id: "seed_task_0", instruction: "Name a wader.", instances: [{ input: "", output: "heron" }] };
  await Deno.writeTextFile(`${folder}/seeds.jsonl`, JSON.stringify(seed));
  const expected = 'seeds.jsonl, line 1: it has no answer to its "instruction"';
  await assertRejects(() => readInstructions(`${folder}/seeds.jsonl`), Error, expected);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("parseInstructions() reads one answer or several, and makes the prompt if it is absent", () => {
  const text = '{"instruction": "A?", "output": "b", "kind": "k"}\n\n' +
    '{"instruction": "C?", "input": "d", "output": ["e", "f"], "prompt": "own"}\r\n';
  assertEquals(parseInstructions(text, { name: "x" }), [
    { instruction: "A?", input: "", outputs: ["b"], prompt: alpacaPrompt({ instruction: "A?" }), kind: "k" },
    { instruction: "C?", input: "d", outputs: ["e", "f"], prompt: "own" },
  ]);
});

const good = '{"instruction": "A?", "output": "b"}';
const broken: [string, string][] = [
  ['{"instruction": "A?", "outp', "it is not JSON"],
  ["[1]", "it must be a JSON object"],
  ["null", "it must be a JSON object"],
  ['{"output": "b"}', 'it has no question to its "output"'],
  ['{"instruction": "", "output": "b"}', "its prompt must not be empty"],
  ['{"instruction": "A?", "input": 3, "output": "b"}', "input must be text, current value is 3"],
  ['{"instruction": "A?", "prompt": 7, "output": "b"}', "prompt must be text"],
  ['{"instruction": "A?", "kind": 1, "output": "b"}', "kind must be text"],
  ['{"instruction": "A?"}', 'it has no answer to its "instruction"'],
  ['{"instruction": "A?", "output": ""}', "none of them empty"],
  ['{"instruction": "A?", "output": []}', "current value is []"],
  ['{"instruction": "A?", "output": ["b", 7]}', 'current value is ["b",7]'],
];

for (const [line, message] of broken) {
  Deno.test(`parseInstructions() refuses the line ${line}, naming its number`, () => {
    assertThrows(() => parseInstructions(`${good}\n\n${line}`, { name: "my.jsonl" }), Error, "my.jsonl, line 3");
    assertThrows(() => parseInstructions(line, { name: "my.jsonl" }), Error, message);
  });
}

Deno.test("parseInstructions() refuses a text without rows", () => {
  assertThrows(() => parseInstructions("\n \n", { name: "my.jsonl" }), Error, "my.jsonl has no row");
});

Deno.test("readInstructions() names the file that is missing", () =>
  assertRejects(() => readInstructions("data/absent.jsonl"), Error, "data/absent.jsonl"));

Deno.test("readPlacedRows() refuses a name for the input that no row has where one must, and takes one that some have", async () => {
  const path = await Deno.makeTempFile({ suffix: ".jsonl" });
  await Deno.writeTextFile(path, `${good}\n{"instruction": "C?", "passage": "d", "output": "e"}`);
  const [, { row }] = await readPlacedRows(path, { names: { input: "passage" }, needsInput: true });
  assertEquals(row.input, "d");
  await readPlacedRows(path, { names: { input: "input" }, needsInput: true });
  await readPlacedRows(path, { names: { input: "absent" } });
  await assertRejects(
    () => readPlacedRows(path, { names: { input: "pasage" }, needsInput: true }),
    Error,
    `${path}: no row has "pasage", the name given for the input, their keys are "instruction", "output", "passage"; did ` +
      'you mean "passage"?',
  );
  await Deno.remove(path);
});
