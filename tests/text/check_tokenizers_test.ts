import { rowFromText } from "../../lib/datasets/row_from_text.ts";
import { checkTokenizers } from "../../lib/text/check_tokenizers.ts";
import { loadTokenizer, tokenizerOf } from "../../lib/text/tokenizer.ts";
import type { Tokenizer } from "../../lib/text/tokenizer_interface.ts";
import { readTokenizerFiles } from "../../lib/text/tokenizer_files.ts";
import { trainingBatch } from "../../lib/batches/training_batch.ts";
import { assertEquals, assertThrows } from "../support/mod.ts";

const texts = await readTokenizerFiles("data/tokenizer");
const ours = tokenizerOf(texts);

type Stage = Record<string, unknown>;

interface Specification {
  added_tokens: { id: number; content: string; special: boolean; lstrip: boolean; normalized: boolean }[];
  model: { vocab: Record<string, number>; merges: unknown[] } & Stage;
  normalizer: Stage | null;
  pre_tokenizer: Stage;
  decoder: Stage;
}

function changed(change: (specification: Specification) => void): Tokenizer {
  const specification = JSON.parse(texts.tokenizer);
  change(specification);
  return tokenizerOf({ ...texts, tokenizer: JSON.stringify(specification) });
}

Deno.test("checkTokenizers() accepts one vocabulary in two files, merges as texts or as pairs", async () => {
  checkTokenizers(ours, await loadTokenizer("data/tokenizer"));
  checkTokenizers(
    ours,
    changed(({ model }) => model.merges = model.merges.map((merge) => (merge as string).split(" "))),
  );
  checkTokenizers(ours, tokenizerOf({ ...texts, config: '{"eos_token": "a", "pad_token": "<|endoftext|>"}' }));
});

const differences: [string, (specification: Specification) => void, string][] = [
  [
    "a token of another id",
    ({ model: { vocab } }) => [vocab["h"], vocab["i"]] = [vocab["i"], vocab["h"]],
    'token 104 differs: the student\'s is "h", the teacher\'s "i"',
  ],
  [
    "a token more",
    ({ added_tokens }) => added_tokens.push({ ...added_tokens[0], id: 4096, content: "<pad>" }),
    "token 4096 differs: the student's is none, the teacher's \"<pad>\"",
  ],
  ["a merge less", ({ model }) => void model.merges.pop(), "the teacher's none"],
  ["merges in another order", ({ model }) => void model.merges.reverse(), "merge 0 differs"],
  [
    "a special token more",
    ({ added_tokens }) => added_tokens.push({ ...added_tokens[0], id: 33, content: "!" }),
    "special",
  ],
  [
    "another flag of a special token",
    ({ added_tokens: [token] }) => token.lstrip = true,
    "must encode texts the same, but lstrip of \"<|endoftext|>\" differs: the student's is false, the teacher's true",
  ],
  [
    "a normalizer",
    (specification) => specification.normalizer = { type: "NFC" },
    'normalizer differs: the student\'s is none, the teacher\'s {"type":"NFC"}',
  ],
  [
    "another setting of a pre-tokenizer",
    ({ pre_tokenizer }) => pre_tokenizer.add_prefix_space = true,
    "pre_tokenizer.add_prefix_space differs: the student's is false, the teacher's true",
  ],
  [
    "a pre-tokenizer of another type",
    (specification) => specification.pre_tokenizer = { type: "Sequence", pretokenizers: [specification.pre_tokenizer] },
    'pre_tokenizer.type differs: the student\'s is "ByteLevel", the teacher\'s "Sequence"',
  ],
  [
    "another decoder",
    (specification) => specification.decoder = { type: "Fuse" },
    'decoder.type differs: the student\'s is "ByteLevel", the teacher\'s "Fuse"',
  ],
  [
    "another setting of the model",
    ({ model }) => model.ignore_merges = true,
    "model.ignore_merges differs: the student's is false, the teacher's true",
  ],
];

Deno.test("checkTokenizers() accepts stages that differ in what has no effect, or is so by default", () => {
  checkTokenizers(
    ours,
    changed((specification) => {
      const { added_tokens: [token], model, pre_tokenizer: cut, decoder } = specification;
      token.normalized = !token.normalized;
      Object.assign(model, { dropout: null, ignore_merges: null, byte_fallback: false, continuing_subword_prefix: "" });
      specification.pre_tokenizer = { add_prefix_space: false, trim_offsets: !cut.trim_offsets, type: "ByteLevel" };
      decoder.use_regex = decoder.add_prefix_space = false;
    }),
  );
});

for (const [what, change, message] of differences) {
  Deno.test(`checkTokenizers() refuses ${what}, naming the first difference`, () => {
    assertThrows(() => checkTokenizers(ours, changed(change)), RangeError, message);
  });
}

Deno.test("checkTokenizers() compares tokenizers of another kind, whose vocabulary is a list", () => {
  const unigram = (pieces: string[], score = -1) =>
    tokenizerOf({
      tokenizer: JSON.stringify({
        normalizer: null,
        pre_tokenizer: null,
        post_processor: null,
        decoder: null,
        model: { type: "Unigram", unk_id: 0, vocab: pieces.map((piece) => [piece, score]) },
        added_tokens: [],
      }),
      config: '{"eos_token": "a"}',
    });
  checkTokenizers(unigram(["u", "a", "b"]), unigram(["u", "a", "b"]));
  assertThrows(() => checkTokenizers(unigram(["u", "a", "b"]), unigram(["u", "a", "c"])), RangeError, "token 2");
  assertThrows(() => checkTokenizers(unigram(["u", "a"]), unigram(["u", "a", "c"])), RangeError, "token 2");
  assertThrows(() => checkTokenizers(unigram(["u", "a"]), unigram(["u", "a"], -2)), RangeError, "the score of token 0");
});

Deno.test("the end token is learnt where it is the padding token too", () => {
  const config = JSON.stringify({ ...JSON.parse(texts.config), pad_token: "<|endoftext|>" });
  const tokenizer = tokenizerOf({ ...texts, config });
  const rows = ["a", "a much longer answer"].map((response) => rowFromText(tokenizer, { prompt: "Q\n", response }));
  const labels = [...trainingBatch(rows).labels];
  assertEquals(
    labels.filter((id) => id === tokenizer.endToken).length,
    2,
    "each row's end is a label, padding is none",
  );
});
