import { loadCorpus } from "../../../lib/datasets/corpus.ts";
import { loadTokenizer } from "../../../lib/text/tokenizer.ts";
import { describeSplit, readyCorpus } from "../../../tasks/support/ready_corpus.ts";
import { checkRowFlags, fieldsOf } from "../../../tasks/support/row_fields.ts";
import { UsageError } from "../../../tasks/support/usage_error.ts";
import { assert, assertEquals, assertThrows } from "../../support/mod.ts";

const tokenizer = await loadTokenizer("data/tokenizer");
const long = "far ".repeat(200);

async function ready(rows: object[], settings: object = {}, contextLength = 128) {
  const folder = await Deno.makeTempDir();
  const text = rows.map((row) => JSON.stringify(row)).join("\n");
  for (const split of ["train", "valid", "test"]) await Deno.writeTextFile(`${folder}/${split}.jsonl`, text);
  const texts = await loadCorpus(folder, { counts: { train: 99, valid: 99, test: 99 }, seed: 1 });
  const said: string[] = [];
  const all = { data: folder, ...settings };
  return { said, ...readyCorpus(texts, { settings: all, tokenizer, contextLength, say: (text) => said.push(text) }) };
}

const rows = [
  { instruction: "Name a wader.", output: "heron" },
  { instruction: long, output: "heron" },
  { instruction: "Name a wader.", output: long },
  { instruction: "Name a wader.", output: "" },
];

Deno.test("readyCorpus() cuts rows to the context, and reports what became of them in the words of task data", async () => {
  const { train, valid, test, asking, said } = await ready(rows);
  assertEquals([train.length, valid.length, test.length], [3, 3, 4]);
  assert(train.every(({ ids }) => ids.length <= 128));
  assertEquals(asking, { maxPromptLength: 96, longPrompts: "cut" });
  const [head, , ...lines] = said[0].split("\n").map((line) => line.trim().split(/ {2,}/));
  assertEquals(head, ["rows", "tokens", "learnt", "prompts cut", "responses cut", "left out"]);
  assertEquals(lines.map(([split, count, , , ...rest]) => [split, count, ...rest]), [
    ["train", "3", "1", "1", "1"],
    ["valid", "3", "1", "1", "1"],
    ["test", "4", "1", "–", "0"],
  ]);
});

Deno.test("readyCorpus() leaves rows out where that is wanted", async () => {
  assertEquals((await ready(rows, { longPrompts: "drop" })).train.length, 2);
  assertEquals((await ready(rows, { longPrompts: "drop", longRows: "drop" })).train.length, 1);
  assertEquals((await ready(rows, { maxPromptLength: 60, maxLength: 100 })).train.map(({ ids }) => ids.length <= 100), [
    true,
    true,
    true,
  ]);
});

Deno.test("readyCorpus() refuses lengths that cannot be, and data of which nothing is left", async () => {
  const refused = async (
    settings: object,
    part: string,
    kind: new (message: string) => Error = UsageError,
    given = rows,
  ) => {
    const error = await ready(given, settings).then(() => undefined, (error) => error);
    assert(error instanceof kind && error.message.includes(part), String(error));
  };
  await refused(
    { maxLength: 200 },
    "--max-length: it must be at most the models' context of 128 tokens, current value is 200",
  );
  await refused({ maxPromptLength: 128 }, "--max-prompt-length: it must be below the 128 tokens of a row");
  await refused(
    { longPrompts: "drop" },
    "a row must be left for train; of 1, 1 have too long a prompt, 0 are too long, 0 have no response",
    UsageError,
    [rows[1]],
  );
});

Deno.test("checkRowFlags() refuses flags that the data have no use for", () => {
  const flag = { prompt: "--prompt" };
  assertThrows(() => checkRowFlags(flag, { data: "wordnet", isPrepared: false }), UsageError, "has its own prompts");
  const prepared = { data: "mine", isPrepared: true };
  assertThrows(() => checkRowFlags({ longRows: "--long-rows" }, prepared), UsageError, "mine is already prepared");
  checkRowFlags({ prompt: "c.json" }, prepared);
  checkRowFlags(flag, { data: "mine.jsonl", isPrepared: false });
});

Deno.test("describeSplit() and fieldsOf() say what is there", () => {
  const rows = { train: 8, valid: 1, test: 1 };
  const text = "a.jsonl has 10 rows: 8 to train on, 1 to validate on, 1 to be answered; the same ones in every run";
  assertEquals(describeSplit({ path: "a.jsonl", rows }), text);
  assertEquals(fieldsOf({ instructionField: "ask" }), { instruction: "ask" });
});
