/** The tokenizers of real GGUF files beside transformers and llama.cpp. */
import { fileURLToPath } from "node:url";
import { loadTokenizer } from "../../../lib/text/tokenizer.ts";
import type { Tokenizer } from "../../../lib/text/tokenizer_interface.ts";
import { lacksLlama, llama } from "../../support/llama.ts";
import { assertEquals, testUnless } from "../../support/mod.ts";
import { python, testWithPython } from "../../support/python.ts";
import { realModel } from "../../support/real_models.ts";
import { randomTexts } from "./random_texts.ts";

const conversations = [
  [{ role: "user", content: "Name a wader." }],
  [{ role: "system", content: "Be brief." }, { role: "user", content: "Hi" }, { role: "assistant", content: "Hello." }],
];

const cases = [
  { name: "smollm2-135m-instruct", specials: ["<|im_start|>", "<|im_end|>", "<jupyter_code>"], ends: [1, 2, 0, 2] },
  {
    name: "gemma-3-270m",
    specials: ["<start_of_turn>", "<eos>", "<table>", "<unused7>", "[multimodal]"],
    ends: [2, 1, 3, 0],
  },
] as const;

/** How often two lists of ids differ, with the first text where they do. */
function assertSame(texts: readonly string[], [ours, theirs]: [number[][], number[][]], tokenizer: Tokenizer): void {
  const other = texts.findIndex((_, place) => ours[place].join() !== theirs[place].join());
  if (other < 0) return;
  const count = texts.filter((_, place) => ours[place].join() !== theirs[place].join()).length;
  const spelled = [ours, theirs].map((ids) => JSON.stringify(ids[other].map((id) => tokenizer.decode([id]))));
  throw new Error(
    `${count} of ${texts.length} differ, first ${JSON.stringify(texts[other])}: ${spelled.join(" against ")}`,
  );
}

for (const { name, specials, ends } of cases) {
  const { path, reason } = await realModel(name);
  const declare = (title: string, body: () => Promise<void>) =>
    reason === undefined ? testWithPython(["transformers", "gguf"], title, body) : testUnless(reason, title, body);

  let loaded: Promise<Tokenizer> | undefined;
  const load = () => loaded ??= loadTokenizer(name);
  const all = randomTexts(1500, specials);

  declare(`loadTokenizer() on ${name} gives the ids, texts and prompts of transformers`, async () => {
    const [tokenizer, texts] = [await load(), all];
    const request = await Deno.makeTempFile();
    const chats = tokenizer.chatTemplate === undefined ? [] : conversations;
    // For this file transformers 5.23 cuts as GPT-2 does, where the model's own tokenizer takes each digit by itself.
    const cut = name === "smollm2-135m-instruct" ? tokenizer.specification.pre_tokenizer : null;
    await Deno.writeTextFile(request, JSON.stringify({ texts, conversations: chats, cut }));
    const script = fileURLToPath(new URL("../../python/gguf_tokenizers.py", import.meta.url));
    const run = "import runpy, sys; sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name='__main__')";
    const theirs = JSON.parse(await python(run, [script, path!, request]));
    const ids = texts.map((text) => tokenizer.encode(text));
    assertSame(texts, [ids, theirs.ids], tokenizer);
    assertEquals(ids.map((one) => tokenizer.decode(one)), theirs.texts);
    assertEquals(chats.map((messages) => tokenizer.chatTemplate!.render(messages)), theirs.prompts);
    assertEquals([theirs.ends, tokenizer.endToken], [ends, ends[1]]);
  });

  testUnless(lacksLlama() ?? reason, `loadTokenizer() on ${name} gives the ids of llama.cpp`, async () => {
    const tokenizer = await load();
    // Its API ends a text at a NUL. Of marks of blanks in the text itself, llama.cpp joins fewer than transformers.
    const texts = all.filter((text) => !/[\0▁]/.test(text));
    const { ids } = await llama({ path: path!, texts });
    assertSame(texts, [texts.map((text) => tokenizer.encode(text)), ids], tokenizer);
  });
}

const smol = await realModel("smollm2-135m-instruct");

testUnless(
  smol.reason,
  "save() writes the tokenizer of a GGUF file as a folder that loads with the same ids",
  async () => {
    const tokenizer = await loadTokenizer(smol.path!);
    const folder = await Deno.makeTempDir();
    await tokenizer.save(folder);
    const again = await loadTokenizer(folder);
    const texts = randomTexts(200, ["<|im_end|>"]);
    assertEquals(texts.map((text) => again.encode(text)), texts.map((text) => tokenizer.encode(text)));
    assertEquals([again.endToken, again.vocabularySize], [tokenizer.endToken, tokenizer.vocabularySize]);
    assertEquals(again.chatTemplate?.render(conversations[0]), tokenizer.chatTemplate!.render(conversations[0]));
  },
);
