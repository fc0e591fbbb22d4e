import type { CorpusText } from "../../lib/datasets/corpus_text.ts";
import { readyRows } from "../../lib/datasets/ready_rows.ts";
import { loadTokenizer } from "../../lib/text/tokenizer.ts";
import { assert, assertEquals, assertThrows } from "../support/mod.ts";

const tokenizer = await loadTokenizer("data/tokenizer");
const text = (prompt: string, output: string): CorpusText => ({ kind: "", prompt, outputs: [output] });
const short = text("Name a wader.\n", "heron");
const long = text(`${"far ".repeat(90)}\n`, "heron");
const wordy = text("Name a wader.\n", "heron ".repeat(90));

Deno.test("readyRows() counts what it makes of each split, tokens as the rows have them", () => {
  const texts = { train: [short, long, wordy], valid: [short], test: [long, short] };
  const { train, valid, test, asking, counts } = readyRows(texts, { tokenizer, contextLength: 64 });
  const tokensOf = (rows: typeof train) => rows.reduce((sum, { ids }) => sum + ids.length, 0);
  const learntOf = (rows: typeof train) =>
    rows.reduce((sum, { ids, promptLength }) => sum + ids.length - promptLength, 0);
  assertEquals(counts, [
    {
      split: "train",
      rows: 3,
      tokens: tokensOf(train),
      learnt: learntOf(train),
      promptsCut: 1,
      responsesCut: 1,
      leftOut: 0,
    },
    {
      split: "valid",
      rows: 1,
      tokens: tokensOf(valid),
      learnt: learntOf(valid),
      promptsCut: 0,
      responsesCut: 0,
      leftOut: 0,
    },
    { split: "test", rows: 2, promptsCut: 1, leftOut: 0 },
  ]);
  assert(train.every(({ ids }) => ids.length <= 64));
  assertEquals([test.length, asking], [2, { maxPromptLength: 32, longPrompts: "cut" }]);
});

Deno.test("readyRows() names its own options where lengths cannot be, and leaves nothing empty", () => {
  const texts = { train: [long], valid: [short], test: [] };
  const options = { tokenizer, contextLength: 64 };
  assertThrows(
    () => readyRows(texts, { ...options, maxLength: 65 }),
    RangeError,
    "Cannot use maxLength: it must be at most",
  );
  assertThrows(() => readyRows(texts, { ...options, maxPromptLength: 64 }), RangeError, "Cannot use maxPromptLength");
  assertThrows(
    () => readyRows(texts, { ...options, longPrompts: "drop" }),
    RangeError,
    "Cannot use the texts: a row must be left",
  );
});
