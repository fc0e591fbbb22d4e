import { readWordNet, wordNetFolder } from "../../lib/datasets/wordnet.ts";
import type { WordNetKind } from "../../lib/datasets/wordnet_kinds.ts";
import { WORDNET_KINDS, type WordNetRow, wordNetRows } from "../../lib/datasets/wordnet_rows.ts";
import { splitOfWord } from "../../lib/datasets/wordnet_split.ts";
import { alpacaPrompt } from "../../lib/text/alpaca_prompt.ts";
import { assert, assertEquals, assertThrows } from "../support/mod.ts";

const dictionary = await readWordNet(wordNetFolder());
const train = wordNetRows({ dictionary, split: "train" });
const test = wordNetRows({ dictionary, split: "test" });

const some = wordNetRows({ dictionary, split: "train", count: 7000 });

const ofKind = (rows: WordNetRow[], kind: WordNetKind) => rows.filter((row) => row.kind === kind);

/** What a row asks about: the instruction without the way it is asked. */
function subjectOf({ kind, instruction }: WordNetRow): string {
  const quoted = ["word-field", "word-class"].includes(kind);
  return quoted ? /"(.*)"/.exec(instruction)![1] : /^[^:?]*[:?] (.*)$/.exec(instruction)![1];
}

Deno.test("wordNetRows() asks in test about no definition, word or sentence that train asks about", () => {
  for (const kind of WORDNET_KINDS) {
    const known = new Set(ofKind(train, kind).map(subjectOf));
    assertEquals(ofKind(test, kind).map(subjectOf).filter((subject) => known.has(subject)), []);
  }
});

Deno.test("wordNetRows() asks in test about test words only", () => {
  for (const kind of ["word-field", "word-class"] as const) {
    assertEquals([...new Set(ofKind(test, kind).map((row) => splitOfWord(subjectOf(row))))], ["test"]);
    assertEquals([...new Set(ofKind(train, kind).map((row) => splitOfWord(subjectOf(row))))], ["train"]);
  }
});

Deno.test("wordNetRows() has no answer with a large share of its kind", () => {
  const most = { "noun-field": 0.085, "verb-field": 0.14, "word-field": 0.06, "word-class": 0.28, "gap-class": 0.28 };
  for (const [kind, limit] of Object.entries({ ...most, chain: 0.02 })) {
    for (const rows of [train, some, test].map((rows) => ofKind(rows, kind as WordNetKind))) {
      const counts = new Map<string, number>();
      for (const { output } of rows) counts.set(output, (counts.get(output) ?? 0) + 1);
      const share = Math.max(...counts.values()) / rows.length;
      // Five standard deviations of a binomial share, for the thousand of a kind drawn from all.
      const slack = rows.length < 2000 ? 5 * Math.sqrt(limit * (1 - limit) / rows.length) : 0;
      assert(share <= limit + slack, `${kind}: ${share}`);
    }
  }
});

Deno.test("wordNetRows() has equal shares of the kinds", () => {
  const rows = wordNetRows({ dictionary, split: "valid", count: 803 });
  assertEquals(WORDNET_KINDS.map((kind) => ofKind(rows, kind).length), [101, 101, 101, 100, 100, 100, 100, 100]);
  const two = wordNetRows({ dictionary, split: "train", count: 20_000, kinds: ["chain", "verb-field"] });
  assertEquals([ofKind(two, "chain").length, ofKind(two, "verb-field").length], [10_000, 10_000]);
});

Deno.test("wordNetRows() returns whole prompts and bare answers", () => {
  for (const row of test) {
    assertEquals(row.prompt, alpacaPrompt(row));
    assert(row.input === "" && row.output.trim() === row.output && row.output !== "", JSON.stringify(row));
    assert(row.instruction.length > 12 && !row.instruction.includes("*"), row.instruction);
  }
});

Deno.test("wordNetRows() is decided by its seed", () => {
  const rows = (seed: number) => wordNetRows({ dictionary, split: "valid", seed, count: 200 });
  assertEquals(rows(4), rows(4));
  const other = new Set(rows(5).map(({ instruction }) => instruction));
  assert(rows(4).filter(({ instruction }) => other.has(instruction)).length < 100);
});

Deno.test("wordNetRows() returns the rows that the built-in models were judged by", () => {
  const rows = wordNetRows({ dictionary, split: "test", count: 3, kinds: ["noun-field", "word-class", "gap-class"] });
  assertEquals(rows.map(({ instruction, output }) => `${instruction} → ${output}`), [
    "Name the field of this thing: a fatal disease of sheep characterized by chronic itching and loss of muscular control and progressive degeneration of the central nervous system → state",
    "Which class of word is missing? the heavy ___ door → adjective",
    'Name the word class of "patiently". → adverb',
  ]);
});

Deno.test("wordNetRows() refuses what makes no rows, naming it", () => {
  const options = { dictionary, split: "test" } as const;
  for (const count of [0, -3, 1.5, NaN]) {
    assertThrows(() => wordNetRows({ ...options, count }), RangeError, `current value is ${count}`);
  }
  assertThrows(() => wordNetRows({ ...options, kinds: [] }), RangeError, "current count is 0");
  assertThrows(() => wordNetRows({ ...options, kinds: ["poem" as WordNetKind] }), RangeError, "current value is poem");
  assertThrows(() => wordNetRows({ ...options, seed: 0.5 }), RangeError, "current value is 0.5");
  const many = { count: 2000, kinds: ["verb-field"] as const };
  assertThrows(() => wordNetRows({ ...options, ...many }), RangeError, "2000 of kind verb-field are requested");
});
