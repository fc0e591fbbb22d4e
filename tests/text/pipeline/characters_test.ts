import { createHash } from "node:crypto";
import { normalizerOf } from "../../../lib/text/pipeline/normalizers.ts";
import { preTokenizerOf } from "../../../lib/text/pipeline/pre_tokenizers.ts";
import { assert, assertEquals } from "../../support/mod.ts";
import { python, testWithPython } from "../../support/python.ts";

type Stage = ["normalizer" | "pre_tokenizer", Record<string, unknown>];

const bert = { type: "BertNormalizer", clean_text: false, handle_chinese_chars: false };
const posix = "alnum alpha ascii blank cntrl digit graph lower print punct space upper word xdigit".split(" ");
const categories =
  "Lu Ll Lt Lm Lo Mn Mc Me Nd Nl No Pc Pd Ps Pe Pi Pf Po Sm Sc Sk So Zs Zl Zp Cc Cf Co Cn L M N P S Z C";
const expressions = [
  ...posix.map((name) => `[[:${name}:]]`),
  ...categories.split(" ").map((name) => `\\p{${name}}`),
  ..."Han Hangul Latin Greek Common Inherited".split(" ").map((name) => `\\p{${name}}+`),
  "\\w",
  "[\\w]",
  "\\W",
  "[^\\w]",
  "\\d",
  "\\s",
  "\\S",
  "\\h",
  "\\b",
  "\\B",
  "\\R",
  "\\N",
  "\\O",
  ".",
  "(?i)k",
  "(?i:s)",
  "(?i:ß)",
  "(?i)[a-z]",
  "(?i)[^k]",
  "(?i)\\p{Lu}",
  "(?i)[\\p{Lu}]",
  "(?i)σ",
  "(?i)å",
  "(?i)i",

  "\\p{Alpha}",
  "\\p{Word}",
  "\\p{^L}",
  "\\P{L}",
  "\\p{Emoji}",
  "[\\w&&[^\\d]]",
  "^a",
  "b$",
  "\\A.",
  "(?<=a)[^b](?=b)",
  "[一-龥぀-ゟ゠-ヿ]+",
  "\\x{1F600}",
  "(?m:a.b)",
  "a(?!b).",
  "[^\\n]++b",
  "(?>a.)b",
  "\\p{Extended_Pictographic}",
];

const stages: Stage[] = [
  ...["NFC", "NFD", "NFKC", "NFKD", "Lowercase", "StripAccents", "Nmt", "ByteLevel"]
    .map((type): Stage => ["normalizer", { type }]),
  ["normalizer", { ...bert, clean_text: true, strip_accents: false, lowercase: false }],
  ["normalizer", { ...bert, handle_chinese_chars: true, strip_accents: true, lowercase: false }],
  ["normalizer", { ...bert, strip_accents: null, lowercase: true }],
  ["normalizer", { type: "Replace", pattern: { Regex: "\\W" }, content: "·" }],
  ...["BertPreTokenizer", "Whitespace", "WhitespaceSplit"].map((type): Stage => ["pre_tokenizer", { type }]),
  ...[true, false].map((individual_digits): Stage => ["pre_tokenizer", { type: "Digits", individual_digits }]),
  ["pre_tokenizer", { type: "Punctuation", behavior: "Isolated" }],
  ["pre_tokenizer", { type: "ByteLevel", add_prefix_space: true, trim_offsets: true, use_regex: true }],
  ["pre_tokenizer", { type: "Metaspace", replacement: "▁", prepend_scheme: "first", split: true }],
  ...expressions.map((Regex): Stage => [
    "pre_tokenizer",
    { type: "Split", pattern: { Regex }, behavior: "Isolated", invert: false },
  ]),
];

/** All characters that there are but for surrogates, and of the planes that hold no others some for private use. */
const RANGES = [[0, 0xd800], [0xe000, 0x33500], [0xe0000, 0xe1000], [0xeff00, 0xf0100], [0x10ff00, 0x110000]];

/** Blocks of 256 characters, each between two letters. */
function* blocks(): Generator<string> {
  const characters = RANGES.flatMap(([low, high]) =>
    Array.from({ length: high - low }, (_, place) => String.fromCodePoint(low + place))
  );
  for (let start = 0; start < characters.length; start += 256) {
    yield `a${characters.slice(start, start + 256).join("b\na")}b`;
  }
}

function outcome([kind, stage]: Stage): (text: string) => string {
  if (kind === "normalizer") {
    const normalize = normalizerOf(stage);
    return (text) => normalize({ text, head: 1 }).text;
  }
  const { cut, finish = (part: string) => part } = preTokenizerOf(stage);
  return (text) => cut({ text, head: 1 }).map(({ text }) => finish(text)).join("|");
}

testWithPython(
  ["tokenizers"],
  "normalizerOf() and preTokenizerOf() equal Python's tokenizers on every character of Unicode",
  async (t) => {
    const file = await Deno.makeTempFile();
    await Deno.writeTextFile(file, JSON.stringify(stages));
    const program = await Deno.readTextFile(new URL("../../python/characters.py", import.meta.url).pathname);
    const digests: string[][] = JSON.parse(await python(program, [file]));
    assert(digests.length === stages.length && digests.every(({ length }) => length === 832));
    const texts = [...blocks()];
    for (const [place, stage] of stages.entries()) {
      await t.step(JSON.stringify(stage[1]), () => {
        const become = outcome(stage);
        const wrong = texts.filter((text, block) =>
          createHash("md5").update(become(text)).digest("hex") !== digests[place][block]
        );
        assertEquals(wrong.map((text) => text.codePointAt(1)!.toString(16)), []);
      });
    }
    await Deno.remove(file);
  },
);
