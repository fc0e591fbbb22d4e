import { type LockHolder, lockPathOf, takeLock } from "../../lib/files/file_lock.ts";
import { corpusRows, loadCorpus } from "../../lib/datasets/corpus.ts";
import { readInstructions } from "../../lib/datasets/instruction_file.ts";
import { isWhole, readManifest } from "../../lib/datasets/prepare/manifest.ts";
import { prepareData } from "../../lib/datasets/prepare/prepare_data.ts";
import type { InstructionPlan, PrepareDataOptions } from "../../lib/datasets/prepare/prepare_options.ts";
import { splitRows } from "../../lib/datasets/prepare/split_rows.ts";
import { rowFromText } from "../../lib/datasets/row_from_text.ts";
import { randomStream } from "../../lib/random/random.ts";
import { openTokenStore } from "../../lib/datasets/token_store.ts";
import { loadTokenizer, tokenizerOf } from "../../lib/text/tokenizer.ts";
import { readTokenizerFiles } from "../../lib/text/tokenizer_files.ts";
import { assert, assertEquals, assertRejects, assertThrows } from "../support/mod.ts";

const tokenizer = { ...await readTokenizerFiles("data/tokenizer"), name: "data/tokenizer" };
const ready = tokenizerOf(tokenizer);
const plan: InstructionPlan = {
  kind: "instructions",
  maxPromptLength: 256,
  maxLength: 512,
  longPrompts: "cut",
  longRows: "cut",
  style: "auto",
  fields: {},
  seed: 1,
};

const line = (index: number, more: object = {}) =>
  JSON.stringify({ instruction: `Name bird ${index}.`, input: "", output: `heron ${index}`, ...more });

/** A folder with a file of that number of rows, and options that prepare it. */
async function scene(count: number, lines = Array.from({ length: count }, (_, i) => line(i))) {
  const folder = await Deno.makeTempDir();
  const input = `${folder}/birds.jsonl`;
  await Deno.writeTextFile(input, lines.join("\n") + "\n");
  const options: PrepareDataOptions = {
    name: "birds",
    output: `${folder}/prepared/birds`,
    inputs: { train: input },
    plan,
    tokenizer,
    workers: 0,
  };
  const left = () => Array.from(Deno.readDirSync(`${folder}/prepared`), ({ name }) => name).sort();
  return { folder, input, options, left };
}

Deno.test("prepareData() writes rows equal to those of rowFromText(), with their texts, and counts them", async () => {
  const { options } = await scene(40);
  const { manifest, fresh } = await prepareData(options);
  assert(fresh);
  assertEquals(Object.entries(manifest.splits).map(([name, { rows, read }]) => [name, rows, read]), [
    ["train", 32, 32],
    ["valid", 4, 4],
    ["test", 4, 4],
  ]);
  const texts = await readInstructions(`${options.output}/train.jsonl`);
  using store = openTokenStore(`${options.output}/train.tokens`);
  const rows = texts.map(({ prompt, outputs: [response] }) => rowFromText(ready, { prompt, response }));
  assertEquals([...store.rows()], rows);
  const { tokens, responseTokens } = manifest.splits.train!;
  assertEquals(tokens, rows.reduce((sum, { ids }) => sum + ids.length, 0));
  assertEquals(responseTokens, rows.reduce((sum, { ids, promptLength }) => sum + ids.length - promptLength, 0));
  assertEquals(await readManifest(options.output), manifest);
});

Deno.test("prepareData() does nothing the second time, and notices other inputs, settings, tokenizers and damage", async () => {
  const { options, input, left } = await scene(20);
  const { manifest: { checksum } } = await prepareData(options);
  const again = async (changes: Partial<PrepareDataOptions> = {}) => {
    const { fresh, manifest } = await prepareData({ ...options, ...changes });
    return [fresh, manifest.checksum === checksum];
  };
  assertEquals(await again(), [false, true]);
  assertEquals(await again({ plan: { ...plan, seed: 2 } }), [true, false]);
  assertEquals(await again(), [true, true]);
  const config = JSON.stringify({ ...JSON.parse(tokenizer.config), chat_template: "{{ messages[0].content }}" });
  assertEquals(await again({ tokenizer: { ...tokenizer, config } }), [true, false]);
  assertEquals(await again(), [true, true]);
  await Deno.writeTextFile(`${options.output}/valid.jsonl`, "{}");
  assertEquals(await isWhole(options.output, (await readManifest(options.output))!), false);
  assertEquals(await again(), [true, true]);
  await Deno.writeTextFile(input, line(7) + "\n", { append: true });
  assertEquals(await again(), [true, false]);
  assertEquals(left(), [".birds.lock", "birds"]);
});

Deno.test("prepareData() waits for another process that prepares the folder, names it, and finds the folder made", async () => {
  const { options } = await scene(40);
  const holders: (number | undefined)[] = [];
  const lock = takeLock(lockPathOf(options.output), { what: options.output });
  const onWait = (holder?: LockHolder) => {
    holders.push(holder?.pid);
    lock.release();
  };
  assertEquals((await prepareData({ ...options, onWait })).fresh, true);
  assertEquals((await prepareData({ ...options, onWait })).fresh, false);
  assertEquals(holders, [Deno.pid]);
});

Deno.test("prepareData() returns the same bytes with any number of workers", async () => {
  const { options } = await scene(2100);
  const { manifest: { checksum } } = await prepareData(options);
  const { manifest, fresh } = await prepareData({ ...options, workers: 2, output: `${options.output}-2` });
  assert(fresh);
  assertEquals(manifest.checksum, checksum);
});

Deno.test("prepareData() cuts or leaves out what is too long, and counts it; rows for tests are all kept", async () => {
  const long = "far ".repeat(60);
  const lines = [...Array(16).keys()].map((i) => line(i, i < 2 ? { input: long } : i < 5 ? { output: long } : {}));
  const { options } = await scene(0, [...lines, line(16, { output: " \n" })]);
  const lengths = { maxPromptLength: 60, maxLength: 80, seed: undefined, validRows: 0, testRows: 0 };
  const counts = async (changes: Partial<InstructionPlan>) => {
    const { manifest: { splits: { train } } } = await prepareData({
      ...options,
      plan: { ...plan, ...lengths, ...changes },
    });
    return [train!.rows, train!.cut, train!.dropped];
  };
  const none = { prompts: 0, responses: 0 };
  assertEquals(await counts({}), [16, { prompts: 2, responses: 3 }, { prompts: 0, rows: 0, empty: 1 }]);
  assertEquals(await counts({ longPrompts: "drop" }), [14, { prompts: 0, responses: 3 }, {
    prompts: 2,
    rows: 0,
    empty: 1,
  }]);
  assertEquals(await counts({ longPrompts: "drop", longRows: "drop" }), [11, none, { prompts: 2, rows: 3, empty: 1 }]);
  using store = openTokenStore(`${options.output}/train.tokens`);
  assert([...store.rows()].every(({ ids }) => ids.at(-1) === ready.endToken && ids.length <= 80));
  const dropping = { ...plan, ...lengths, longPrompts: "drop" as const, longRows: "drop" as const };
  const inputs = { test: options.inputs.train! };
  const { manifest: { splits: { test } } } = await prepareData({ ...options, inputs, plan: dropping });
  assertEquals([test!.rows, test!.cut], [16, { prompts: 2, responses: 3 }]);
  await assertRejects(
    () => prepareData({ ...options, plan: { ...dropping, maxPromptLength: 5, maxLength: 6 } }),
    RangeError,
    "a row must be left for train; of 17, 16 have too long a prompt, 0 are too long, 1 have no response",
  );
});

Deno.test("prepareData() keeps every reference, names fields as the file does, and takes splits from files of their own", async () => {
  const { options, folder } = await scene(
    12,
    [...Array(12).keys()].map((i) =>
      JSON.stringify({ question: `Q${i}`, context: "c", response: [`a${i}`, "b"], category: "x" })
    ),
  );
  await Deno.writeTextFile(`${folder}/test.jsonl`, '{"question": "T?", "response": ["one", "two"], "kind": "k"}\n');
  const fields = { instruction: "question", input: "context", output: "response" };
  const inputs = { ...options.inputs, test: `${folder}/test.jsonl` };
  await prepareData({ ...options, inputs, plan: { ...plan, fields, validRows: 2, seed: undefined } });
  const [test] = await readInstructions(`${options.output}/test.jsonl`);
  assertEquals([test.outputs, test.kind], [["one", "two"], "k"]);
  const valid = await readInstructions(`${options.output}/valid.jsonl`);
  assertEquals(valid.map(({ instruction, input, outputs }) => [instruction, input, outputs]), [
    ["Q0", "c", ["a0", "b"]],
    ["Q1", "c", ["a1", "b"]],
  ]);
  assertEquals((await readInstructions(`${options.output}/train.jsonl`)).length, 10);
});

const broken: [string, string[], string][] = [
  ["a line that is no JSON", [line(0), "{", line(1)], "birds.jsonl, line 2, column 2: it is not JSON"],
  ["a line of another type", [line(0), "", "7"], "birds.jsonl, line 3: it must be a JSON object"],
  ["a field of another type", [line(0, { input: 3 })], "birds.jsonl, line 1: input must be text, current value is 3"],
  ["an empty file", [], "birds.jsonl has no row"],
  ["too few rows to hold any out", [line(0)], "a row must be left"],
];

for (const [what, lines, message] of broken) {
  Deno.test(`prepareData() refuses ${what} and writes nothing`, async () => {
    const { options, left } = await scene(0, lines);
    const few = { ...plan, maxPromptLength: 1, maxLength: 2, longPrompts: "drop" as const };
    const used = message.startsWith("a row") ? few : plan;
    await assertRejects(() => prepareData({ ...options, plan: used }), Error, message);
    assertEquals(left(), [".birds.lock"]);
  });
}

Deno.test("prepareData() names a file that is not there or not UTF-8, and leaves alone a folder that is not its own", async () => {
  const { options, input } = await scene(20);
  await assertRejects(
    () => prepareData({ ...options, inputs: { train: "absent.jsonl" } }),
    Error,
    "Cannot read absent.jsonl",
  );
  await assertRejects(() => prepareData({ ...options, inputs: {} }), RangeError, "at least one input is needed");
  await Deno.mkdir(options.output, { recursive: true });
  await Deno.writeTextFile(`${options.output}/notes`, "mine");
  await assertRejects(() => prepareData(options), Error, "it holds other files");
  assertEquals(await Deno.readTextFile(`${options.output}/notes`), "mine");
  await Deno.remove(options.output, { recursive: true });
  await Deno.writeFile(input, Uint8Array.of(10, 255, 254, 10));
  await assertRejects(() => prepareData(options), Error, "birds.jsonl, line 2, column 1: its bytes are not UTF-8");
});

Deno.test("prepareData() that is stopped leaves what was there before", async () => {
  const { options, left } = await scene(900);
  const { manifest: { checksum } } = await prepareData(options);
  const stop = new AbortController();
  const onProgress = () => stop.abort(new Error("enough"));
  const changed = { ...options, plan: { ...plan, seed: 5 }, onProgress, signal: stop.signal };
  await assertRejects(() => prepareData(changed), Error, "enough");
  assertEquals((await readManifest(options.output))?.checksum, checksum);
  assertEquals(left(), [".birds.lock", "birds"]);
});

Deno.test("prepareData() cuts plain text into windows up to a number of tokens", async () => {
  const { folder, options } = await scene(1);
  const texts = [...Array(50).keys()].map((i) => `Heron number ${i} wades in the water.\nThen it flies.`);
  await Deno.writeTextFile(`${folder}/t.jsonl`, texts.map((text) => JSON.stringify({ text })).join("\n"));
  const whole = texts.flatMap((text) => [...ready.encode(text), ready.endToken]);
  const prepare = (window: number, tokens: number, validRows = 0) =>
    prepareData({
      ...options,
      inputs: { train: `${folder}/t.jsonl` },
      plan: { kind: "text", window, tokens, validRows },
    });
  const rowsOf = (split: string) => {
    using store = openTokenStore(`${options.output}/${split}.tokens`);
    return [...store.rows()];
  };
  await prepare(64, 10_000_000);
  assertEquals(rowsOf("train").flatMap(({ ids }) => ids), whole);
  assert(
    rowsOf("train").every(({ ids, promptLength }, i, { length }) =>
      promptLength === 1 && (ids.length === 64 || i === length - 1)
    ),
  );
  await prepare(16, 160, 3);
  assertEquals([...rowsOf("valid"), ...rowsOf("train")].flatMap(({ ids }) => ids), whole.slice(0, 160));
  assertEquals([rowsOf("valid").length, rowsOf("train").length], [3, 7]);
  await prepare(16, 33);
  assertEquals(rowsOf("train").length, 2, "a window of one token teaches nothing");
  await assertRejects(() => prepare(512, 100, 1), RangeError, "more than 1 windows of 512 tokens are needed");
  await Deno.writeTextFile(`${folder}/t.jsonl`, '{"text": "a"}\n{"txt": "b"}\n');
  await assertRejects(() => prepare(16, 100), SyntaxError, "t.jsonl, line 2: it must be a string");
});

Deno.test("prepareData() asks by the tokenizer's chat template where it has one, unless Alpaca is wanted", async () => {
  const { options } = await scene(12);
  const config = JSON.stringify({
    ...JSON.parse(tokenizer.config),
    chat_template: "{% for m in messages %}<{{ m.role }}> {{ m.content }}\n{% endfor %}<assistant> ",
  });
  const chat = { ...options, tokenizer: { ...tokenizer, config } };
  const first = async (style: "auto" | "alpaca") => {
    await prepareData({ ...chat, plan: { ...plan, style, seed: undefined } });
    const [text] = await readInstructions(`${options.output}/valid.jsonl`);
    using store = openTokenStore(`${options.output}/valid.tokens`);
    const { ids, promptLength } = store.row(0);
    return [text.prompt, ready.decode(ids.slice(0, promptLength)), ready.decode(ids.slice(promptLength))];
  };
  const asked = "<user> Name bird 0.\n<assistant> ";
  assertEquals((await first("auto"))[0], asked);
  assertEquals((await first("auto")).slice(1).join(""), `${asked}heron 0<|endoftext|>`);
  assert((await first("alpaca"))[0].endsWith("### Response:\n"));
});

Deno.test("splitRows() puts each row in one split, by seed or by place, and keeps the order", () => {
  const rows = [...Array(30).keys()];
  const drawn = splitRows(rows, { seed: 4 });
  assertEquals([...drawn.train, ...drawn.valid, ...drawn.test].sort((a, b) => a - b), rows);
  assertEquals([drawn.valid.length, drawn.test.length], [3, 3]);
  assertEquals(drawn.train.toSorted((a, b) => a - b), drawn.train);
  assert(splitRows(rows, { seed: 5 }).valid.join() !== drawn.valid.join());
  assertEquals(splitRows(rows, { validRows: 2, testRows: 1 }), { valid: [0, 1], test: [2], train: rows.slice(3) });
  assertThrows(() => splitRows(rows, { validRows: 30 }), RangeError, "some must be left to train on");
});

Deno.test("loadCorpus() returns prepared rows, and corpusRows() refuses them with another tokenizer", async () => {
  const { options } = await scene(30);
  await prepareData({ ...options, plan: { ...plan, maxPromptLength: 48, maxLength: 50 } });
  const corpus = await loadCorpus(options.output, { counts: { train: 9, valid: 2, test: 2 }, seed: 3 });
  const rows = corpusRows(corpus.train, await loadTokenizer("data/tokenizer"));
  assertEquals(rows.length, 9);
  assert(rows.every(({ ids, promptLength }) => promptLength <= 48 && ids.length <= 50), "lengths as prepared");
  const config = '{"eos_token": "a"}';
  assertThrows(() => corpusRows(corpus.train, tokenizerOf({ ...tokenizer, config })), RangeError, "prepare it again");
});

Deno.test("loadCorpus() matches texts and tokens by key, and names what has no partner", async () => {
  const { options } = await scene(30);
  await prepareData(options);
  const path = `${options.output}/train.jsonl`;
  const lines = (await Deno.readTextFile(path)).trim().split("\n");
  const load = async () => {
    const { train } = await loadCorpus(options.output, { counts: { train: 99 }, seed: 3 });
    return new Map(train.map(({ prompt, prepared }) => [prompt, prepared!.row]));
  };
  const expected = await load();
  assertEquals(expected.size, lines.length);
  await Deno.writeTextFile(path, lines.toReversed().join("\n") + "\n");
  assertEquals(await load(), expected);
  const attempt = (changed: string[]) => async () => {
    await Deno.writeTextFile(path, changed.join("\n") + "\n");
    await load();
  };
  const edited = lines.with(2, lines[2].replace("heron", "stork"));
  await assertRejects(attempt(edited), SyntaxError, "train.tokens: it must have a row for each of");
  await assertRejects(attempt(edited), SyntaxError, "it has none for line 3, whose key is");
  await assertRejects(attempt([...lines, lines[0]]), SyntaxError, `it has none for line ${lines.length + 1}`);
  await assertRejects(attempt(lines.toSpliced(5, 1)), SyntaxError, "row 5 has none, whose key is");
});

Deno.test("prepareData() keeps all rows of an evaluation set and all their references, however long", async () => {
  const { options } = await scene(1);
  const random = randomStream(20);
  const words = (count: number) => Array.from({ length: count }, () => "heron ".slice(random.below(6))).join(" ");
  const rows = Array.from({ length: 90 }, (_, i) => ({
    instruction: `Name bird ${i}. ${words(random.below(i % 9 === 0 ? 900 : 40))}`,
    input: i % 3 === 0 ? words(random.below(50)) : "",
    output: Array.from({ length: 1 + random.below(3) }, (_, k) => `${k} ${words(random.below(i % 8 ? 30 : 700))}`),
  }));
  const input = `${await Deno.makeTempDir()}/valid.jsonl`;
  await Deno.writeTextFile(input, rows.map((row) => JSON.stringify(row) + "\n").join(""));
  const { manifest: { splits } } = await prepareData({ ...options, inputs: { test: input } });
  assertEquals([splits.test!.rows, splits.train], [rows.length, undefined]);
  assert(splits.test!.cut.prompts > 0 && splits.test!.cut.responses > 0);
  const prepared = await readInstructions(`${options.output}/test.jsonl`);
  assertEquals(prepared.map(({ outputs }) => outputs), rows.map(({ output }) => output));
});
