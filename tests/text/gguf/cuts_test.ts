/** Every way of cutting texts beside llama.cpp's of the same name, by a vocabulary whose tokens cross all cuts. */
import { writeAtomically } from "../../../lib/files/atomic_write.ts";
import { encodeGguf, type GgufEntry } from "../../../lib/files/gguf/encode_gguf.ts";
import { BYTE_CHARACTERS, toByteCharacters } from "../../../lib/text/byte_characters.ts";
import { BYTE_LEVEL_CUTS } from "../../../lib/text/gguf/cuts.ts";
import { tokenizerEntries } from "../../../lib/text/gguf/tokenizer_entries.ts";
import { loadTokenizer } from "../../../lib/text/tokenizer.ts";
import { readTokenizerTexts } from "../../../lib/text/tokenizer_texts.ts";
import { lacksLlama, llamaAll } from "../../support/llama.ts";
import { assertEquals, testUnless } from "../../support/mod.ts";
import { randomTexts } from "./random_texts.ts";

/** Pairs that occur most often, one after another, in texts that nothing cuts. */
function pairsOf(texts: readonly string[], count: number): [left: string, right: string][] {
  let symbols = texts.flatMap((text) => [...toByteCharacters(text), ""]);
  const pairs: [string, string][] = [];
  while (pairs.length < count) {
    const counts = new Map<string, number>();
    for (let i = 1; i < symbols.length; i++) {
      if (symbols[i] === "" || symbols[i - 1] === "") continue;
      const pair = `${symbols[i - 1]} ${symbols[i]}`;
      counts.set(pair, (counts.get(pair) ?? 0) + 1);
    }
    const [left, right] = [...counts].reduce((most, one) => one[1] > most[1] ? one : most)[0].split(" ");
    pairs.push([left, right]);
    const joined: string[] = [];
    for (const symbol of symbols) {
      if (symbol === right && joined.at(-1) === left) joined[joined.length - 1] = left + right;
      else joined.push(symbol);
    }
    symbols = joined;
  }
  return pairs;
}

const texts = randomTexts(500, ["</s>"]).filter((text) => !text.includes("\0") && text.normalize("NFC") === text);
const merges = pairsOf(texts, 700);
const tokens = [...new Set([...BYTE_CHARACTERS, ...merges.map((pair) => pair.join("")), "</s>"])];

async function fileWith(pre: string): Promise<string> {
  const metadata = new Map<string, GgufEntry>([
    ["general.architecture", "llama"],
    ["tokenizer.ggml.model", "gpt2"],
    ["tokenizer.ggml.pre", pre],
    ["tokenizer.ggml.tokens", tokens],
    ["tokenizer.ggml.token_type", Int32Array.from(tokens, (token) => token === "</s>" ? 3 : 1)],
    ["tokenizer.ggml.merges", merges.map((pair) => pair.join(" "))],
    ["tokenizer.ggml.eos_token_id", { uint32: tokens.indexOf("</s>") }],
    ["tokenizer.ggml.add_bos_token", false],
  ]);
  const path = `${await Deno.makeTempDir()}/${pre}.gguf`;
  const none = () => Promise.reject(new Error("there are no tensors"));
  await writeAtomically(path, encodeGguf({ metadata, tensors: new Map(), bytes: none }));
  return path;
}

const names = Object.keys(BYTE_LEVEL_CUTS);

testUnless(lacksLlama(), "loadTokenizer() cuts texts as llama.cpp does by each name that it knows", async (t) => {
  const paths = await Promise.all(names.map(fileWith));
  const answers = await llamaAll(paths.map((path) => ({ path, texts })));
  for (const [place, name] of names.entries()) {
    await t.step(name, async () => {
      const tokenizer = await loadTokenizer(paths[place]);
      const shown = (ids: number[]) => ids.map((id) => tokenizer.decode([id])).join("|");
      const [ours, theirs] = [texts.map((text) => tokenizer.encode(text)), answers[place].ids];
      // In these patterns llama.cpp knows no marks, and only ASCII's capital letters; the models' own tokenizers know all.
      const isNarrow = ["tekken", "gpt-4o", "llama4"].includes(name);
      const differs = (place: number) =>
        ours[place].join() !== theirs[place].join() &&
        !(isNarrow && /\p{M}|\p{Lt}|(?![A-Z])\p{Lu}/u.test(texts[place]));
      const places = [...texts.keys()].filter(differs);
      assertEquals(places.map((place) => [texts[place], shown(ours[place]), shown(theirs[place])]), []);
    });
  }
});

Deno.test("tokenizerEntries() finds a name that cuts as the tokenizer does", async () => {
  for (const name of names) {
    const tokenizer = await loadTokenizer(await fileWith(name));
    const entries = tokenizerEntries(tokenizer, { rows: tokens.length + 3 });
    const found = BYTE_LEVEL_CUTS[entries.get("tokenizer.ggml.pre") as string];
    const { preTokenizer, ignoreMerges } = BYTE_LEVEL_CUTS[name];
    assertEquals([found.preTokenizer, found.ignoreMerges], [preTokenizer, ignoreMerges], name);
    assertEquals((entries.get("tokenizer.ggml.tokens") as string[]).slice(-3).map((token) => token.slice(0, 4)), [
      "[PAD",
      "[PAD",
      "[PAD",
    ]);
  }
});

Deno.test("readTokenizerTexts() returns the texts that save() writes of a GGUF file's tokenizer", async () => {
  const path = await fileWith("qwen2");
  const folder = await Deno.makeTempDir();
  await (await loadTokenizer(path)).save(folder);
  assertEquals(await readTokenizerTexts(path), await readTokenizerTexts(folder));
  assertEquals((await loadTokenizer(folder)).encode("x1 don't"), (await loadTokenizer(path)).encode("x1 don't"));
});
