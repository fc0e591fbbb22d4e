import { pipelineOf } from "../../../lib/text/pipeline/pipeline.ts";
import { assertEquals, assertThrows } from "../../support/mod.ts";

const model = { type: "BPE", vocab: { a: 0, b: 1, ab: 2 }, merges: ["a b"] };
const split = { type: "Split", pattern: { String: " " }, behavior: "Isolated", invert: false };
const token = {
  id: 3,
  content: "<a>",
  single_word: false,
  lstrip: false,
  rstrip: false,
  normalized: false,
  special: true,
};

const refused: [string, Record<string, unknown>, string][] = [
  ["an unknown normalizer", { normalizer: { type: "Uppercase" } }, "normalizer.type must be one of BertNormalizer, "],
  [
    "one within a sequence",
    { normalizer: { type: "Sequence", normalizers: [{ type: "NFC" }, { type: "X" }] } },
    "normalizer.normalizers[1].type must be one of BertNormalizer, ByteLevel, Lowercase, NFC, NFD, NFKC, NFKD, Nmt, " +
    'Precompiled, Prepend, Replace, Sequence, Strip, StripAccents, current value is "X"',
  ],
  [
    "a pre-tokenizer that is not supported",
    { pre_tokenizer: { type: "UnicodeScripts" } },
    "pre_tokenizer.type must be",
  ],
  ["a stage without a type", { pre_tokenizer: {} }, "pre_tokenizer.type must be one of"],
  [
    "an unknown behavior",
    { pre_tokenizer: { ...split, behavior: "isolated" } },
    "pre_tokenizer.behavior must be one of",
  ],
  [
    "a setting of another type",
    { pre_tokenizer: { ...split, invert: "no" } },
    "pre_tokenizer.invert must be a boolean",
  ],
  ["a pattern of no kind", { pre_tokenizer: { ...split, pattern: " " } }, "pre_tokenizer.pattern must be an object"],
  [
    "an expression that JavaScript has not",
    { pre_tokenizer: { ...split, pattern: { Regex: "\\X" } } },
    'pre_tokenizer.pattern.Regex must have a JavaScript equivalent, current value is "\\\\X"',
  ],
  ["a malformed expression", { pre_tokenizer: { ...split, pattern: { Regex: "(a" } } }, "pre_tokenizer.pattern.Regex"],
  [
    "schemes that contradict each other",
    { pre_tokenizer: { type: "Metaspace", replacement: "▁", add_prefix_space: false, prepend_scheme: "first" } },
    "pre_tokenizer.prepend_scheme must be never",
  ],
  ["an unknown decoder", { decoder: { type: "Uppercase" } }, "decoder.type must be one of BPEDecoder, ByteFallback"],
  [
    "an unknown model",
    { model: { ...model, type: "XYZ" } },
    "model.type must be one of BPE, Unigram, WordLevel, WordPiece",
  ],
  ["ids by chance", { model: { ...model, dropout: 0.1 } }, "model.dropout must be null"],
  [
    "a merge of what is no token",
    { model: { ...model, merges: [["a", "c"]] } },
    "model.merges[0] must join two tokens",
  ],
  ["an id that is no number", { model: { ...model, vocab: { a: "x" } } }, 'the id of "a" must be a whole number'],
  ["a flag of another type", { added_tokens: [{ ...token, lstrip: 1 }] }, "added_tokens[0].lstrip must be a boolean"],
  [
    "a charsmap cut short",
    { normalizer: { type: "Precompiled", precompiled_charsmap: "AAAA" } },
    "precompiled_charsmap",
  ],
];

for (const [what, change, message] of refused) {
  Deno.test(`pipelineOf() refuses ${what}, naming the setting`, () => {
    assertEquals(pipelineOf({ model, added_tokens: [token] }).encode("<a>abab"), [3, 2, 2]);
    assertThrows(() => pipelineOf({ model, ...change }), Error, message);
  });
}

Deno.test("encode() refuses a character that has no token, which Python's tokenizers leave out in silence", () => {
  assertThrows(() => pipelineOf({ model }).encode("abc"), RangeError, 'there is no token for "c" in "abc"');
});
