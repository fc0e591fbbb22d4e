import fc from "fast-check";
import { alpacaPrompt } from "../../lib/text/alpaca_prompt.ts";
import { loadTokenizer, tokenizerOf } from "../../lib/text/tokenizer.ts";
import { readTokenizerFiles } from "../../lib/text/tokenizer_files.ts";
import { rowFromText } from "../../lib/datasets/row_from_text.ts";
import { assert, assertEquals, assertRejects, assertThrows } from "../support/mod.ts";

const builtIn = "data/tokenizer";

interface GoldenRow {
  instruction: string;
  input: string;
  output: string;
  prompt: string;
  prompt_ids: number[];
  response_ids: number[];
}

Deno.test("loadTokenizer() returns transformers' tokens, of the Alpaca prompt's text, on every golden row", async () => {
  const tokenizer = await loadTokenizer(builtIn);
  const file = new URL("../golden/tokens.json", import.meta.url);
  const { rows } = JSON.parse(await Deno.readTextFile(file)) as { rows: GoldenRow[] };
  assertEquals(rows.length, 60);
  for (const { instruction, input, output, prompt: expected, prompt_ids, response_ids } of rows) {
    const prompt = alpacaPrompt({ instruction, input });
    assertEquals(prompt, expected);
    const { ids, promptLength } = rowFromText(tokenizer, {
      prompt,
      response: output,
      maxPromptLength: 2048,
      maxLength: 4096,
    });
    assertEquals([ids.slice(0, promptLength), ids.slice(promptLength)], [prompt_ids, response_ids]);
  }
});

Deno.test("encode() returns the tokens of the Python library", async () => {
  // tokenizers 0.23.3 (Python), Tokenizer.from_file("data/tokenizer/tokenizer.json").encode(text).tokens
  const tokenizer = await loadTokenizer(builtIn);
  const parts = (text: string) => tokenizer.encode(text).map((id) => tokenizer.decode([id]));
  assertEquals(parts("a<|endoftext|>b"), ["a", "<|endoftext|>", "b"]);
  assertEquals(tokenizer.encode("a<|endoftext|>b")[1], tokenizer.endToken);
});

Deno.test("decode() undoes encode() on any text", async () => {
  const tokenizer = await loadTokenizer(builtIn);
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => tokenizer.decode(tokenizer.encode(text)) === text));
  fc.assert(fc.property(fc.string({ unit: "grapheme" }), (text) => tokenizer.decode(tokenizer.encode(text)) === text));
});

Deno.test("encode() returns the same ids for words that it remembers", async () => {
  const texts = await readTokenizerFiles(builtIn);
  const one = tokenizerOf(texts);
  const parts = fc.constantFrom(
    " ",
    "\n",
    "\r\n",
    "\u00a0",
    "\u2003",
    "'s",
    "<|endoftext|>",
    "don't",
    " the",
    "e\u0301",
  );
  const text = fc.array(fc.oneof(parts, fc.string({ unit: "binary", maxLength: 4 })));
  fc.assert(fc.property(text, (parts) => {
    const first = one.encode(parts.join(""));
    assertEquals(one.encode(parts.join("")), first);
    assertEquals(parts.join("").toWellFormed(), one.decode(first));
  }));
});

Deno.test("decode() refuses an id that is not a token, and gives no text for no ids", async () => {
  const tokenizer = await loadTokenizer(builtIn);
  assertThrows(() => tokenizer.decode([1, tokenizer.vocabularySize]), RangeError, `current value is ${4096}`);
  assertEquals(tokenizer.decode([]), "");
});

Deno.test("encode() refuses text for which the vocabulary has no token", async () => {
  const texts = await readTokenizerFiles(builtIn);
  const specification = JSON.parse(texts.tokenizer);
  delete specification.model.vocab["~"];
  const tokenizer = tokenizerOf({ ...texts, tokenizer: JSON.stringify(specification) });
  assertThrows(() => tokenizer.encode("a~b"), RangeError, `tokenizer.json: there is no token for "~" in "~"`);
});

async function withFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("save() writes a folder that loads as the same tokenizer, and nothing else", () =>
  withFolder(async (folder) => {
    const tokenizer = await loadTokenizer(builtIn);
    await tokenizer.save(`${folder}/new`);
    assertEquals(await readTokenizerFiles(`${folder}/new`), await readTokenizerFiles(builtIn));
    const names = Array.from(Deno.readDirSync(`${folder}/new`), ({ name }) => name).sort();
    assertEquals(names, ["tokenizer.json", "tokenizer_config.json"]);
  }));

Deno.test("save() names the file that cannot be written and leaves no part of it", () =>
  withFolder(async (folder) => {
    await Deno.mkdir(`${folder}/tokenizer.json/taken`, { recursive: true });
    const tokenizer = await loadTokenizer(builtIn);
    await assertRejects(() => tokenizer.save(folder), Error, `${folder}/tokenizer.json`);
    assertEquals(Array.from(Deno.readDirSync(folder), ({ name }) => name), ["tokenizer.json"]);
  }));

Deno.test("loadTokenizer() names the folder that is not there", async () => {
  const named = (name: string) =>
    loadTokenizer(name, { hub: { offline: true, cacheFolder: "absent", endpoint: "http://x" } });
  await assertRejects(() => named("./gpt2"), Error, "current value is ./gpt2");
  await assertRejects(() => named("openai/gpt2"), Error, "(nor is there a folder openai/gpt2)");
});

Deno.test("loadTokenizer() names the file that is missing", () =>
  withFolder(async (folder) => {
    await Deno.copyFile(`${builtIn}/tokenizer.json`, `${folder}/tokenizer.json`);
    await assertRejects(() => loadTokenizer(folder), Error, `${folder}/tokenizer_config.json`);
  }));

const malformed: [string, { tokenizer?: (text: string) => string; config?: string }, string][] = [
  [
    "a tokenizer cut short",
    { tokenizer: (text) => text.slice(0, 5000) },
    "memory/tokenizer.json, line 1, column 5000: it is not JSON",
  ],
  [
    "a tokenizer that is a list",
    { tokenizer: () => "[]" },
    "tokenizer.json: it must hold a JSON object, it holds a list",
  ],
  ["a tokenizer without a model", { tokenizer: () => "{}" }, "tokenizer.json: "],
  ["an unknown kind of model", { tokenizer: (text) => text.replace('"BPE"', '"XYZ"') }, "tokenizer.json: "],
  [
    "merges of the wrong kind",
    { tokenizer: (text) => text.replace(/"merges":.*\]/, '"merges":7') },
    "tokenizer.json: ",
  ],
  ["a vocabulary of words for ids", { tokenizer: (text) => text.replace('"!":33', '"!":"x"') }, "tokenizer.json: "],
  ["settings that are no JSON", { config: "{" }, "tokenizer_config.json, line 1, column 2: it is not JSON"],
  ["settings without an end token", { config: "{}" }, "tokenizer_config.json: eos_token"],
  ["an end token outside the vocabulary", { config: '{"eos_token": "</s>"}' }, 'current value is "</s>"'],
];

for (const [what, { tokenizer = (text: string) => text, config }, message] of malformed) {
  Deno.test(`tokenizerOf() refuses ${what}, naming the file`, async () => {
    const texts = await readTokenizerFiles(builtIn);
    const changed = { tokenizer: tokenizer(texts.tokenizer), config: config ?? texts.config };
    assert(changed.tokenizer !== texts.tokenizer || changed.config !== texts.config);
    assertThrows(() => tokenizerOf(changed), Error, message);
  });
}
