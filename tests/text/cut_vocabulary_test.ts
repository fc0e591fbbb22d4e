/** Tokenizers with fewer tokens, against Python's `tokenizers` reading the same files. */
import { cutVocabulary } from "../../lib/text/cut_vocabulary.ts";
import { tokenizerOf } from "../../lib/text/tokenizer.ts";
import { readTokenizerFiles } from "../../lib/text/tokenizer_files.ts";
import { assert, assertEquals, assertThrows } from "../support/mod.ts";
import { python, testWithPython } from "../support/python.ts";

const texts = await readTokenizerFiles("data/tokenizer");
const whole = tokenizerOf(texts);
const { vocab } = whole.specification.model as { vocab: Record<string, number> };
const tokenOf = new Map(Object.entries(vocab).map(([token, id]) => [id, token]));
const samples = [
  "a grey heron",
  "What kind of thing is a heron?\nanimal",
  "Größe 東京 🦩",
  "",
  "  \t\n",
  "<|endoftext|>x",
];
const kept = [...new Set(samples.slice(0, 2).flatMap((text) => whole.encode(text)))].map((id) => tokenOf.get(id)!);

Deno.test("cutVocabulary() keeps tokens with their parts, all bytes and the end, and any text can be written", () => {
  const { texts: cut, ids } = cutVocabulary(texts, kept);
  const tokenizer = tokenizerOf(cut);
  assertEquals([tokenizer.vocabularySize, ids.length], [ids.length, new Set(ids).size]);
  assert(ids.length >= 257 && ids.length < 400, `${ids.length} tokens`);
  assertEquals(ids, ids.toSorted((a, b) => a - b));
  assertEquals(ids[tokenizer.endToken], whole.endToken);
  for (const text of samples) {
    const encoded = tokenizer.encode(text);
    assertEquals(tokenizer.decode(encoded), text);
    assertEquals(whole.decode(encoded.map((id) => ids[id])), text); // each new id stands for the old one's text
  }
  for (const text of samples.slice(0, 2)) assertEquals(tokenizer.encode(text).map((id) => ids[id]), whole.encode(text));
});

testWithPython(["tokenizers"], "cutVocabulary() writes what Python's tokenizers encodes alike", async () => {
  const folder = await Deno.makeTempDir();
  const tokenizer = tokenizerOf(cutVocabulary(texts, kept).texts);
  await tokenizer.save(folder);
  const program = `
import json, sys
from tokenizers import Tokenizer
tokenizer = Tokenizer.from_file(sys.argv[1] + "/tokenizer.json")
print(json.dumps([tokenizer.encode(text, add_special_tokens=False).ids for text in json.loads(sys.argv[2])]))`;
  const theirs = JSON.parse(await python(program, [folder, JSON.stringify(samples)]));
  assertEquals(samples.map((text) => tokenizer.encode(text)), theirs);
});

Deno.test("cutVocabulary() gives added tokens, post-processors and settings the new ids", () => {
  const specification = JSON.parse(texts.tokenizer);
  const end = whole.endToken;
  const special = { id: "<|endoftext|>", ids: [end], tokens: ["<|endoftext|>"] };
  specification.post_processor = {
    type: "TemplateProcessing",
    single: [],
    special_tokens: { "<|endoftext|>": special },
  };
  const config = { ...JSON.parse(texts.config), added_tokens_decoder: { [end]: { content: "<|endoftext|>" } } };
  const addedTokens = JSON.stringify({ "<|endoftext|>": end });
  const given = { tokenizer: JSON.stringify(specification), config: JSON.stringify(config), addedTokens };
  const { texts: cut, ids } = cutVocabulary(given, []);
  const place = ids.indexOf(end);
  assertEquals([ids.length, place], [257, 256]);
  const written = JSON.parse(cut.tokenizer);
  assertEquals(written.added_tokens.map(({ id }: { id: number }) => id), [place]);
  assertEquals(written.post_processor.special_tokens["<|endoftext|>"].ids, [place]);
  assertEquals(Object.keys(JSON.parse(cut.config).added_tokens_decoder), [String(place)]);
  assertEquals(JSON.parse(cut.addedTokens!), { "<|endoftext|>": place });
  assertEquals(written.model.merges, []);
});

Deno.test("cutVocabulary() refuses tokens that do not exist, and tokenizers of other kinds than byte pairs", () => {
  assertThrows(() => cutVocabulary(texts, ["ĠheronĠ"]), RangeError, `"ĠheronĠ" is not a token of the tokenizer`);
  assertThrows(() => cutVocabulary(texts, ["toString"]), RangeError, `"toString" is not a token`);
  const unigram = JSON.stringify({ model: { type: "Unigram", vocab: [] } });
  const message = "a BPE model is needed, the tokenizer has Unigram";
  assertThrows(() => cutVocabulary({ ...texts, tokenizer: unigram }, []), RangeError, message);
});
