/** Every file of a model's folder that is JSON is read in one way: marks dropped, bytes checked, file and place named. */
import { useEngine } from "../../lib/engines/mod.ts";
import { initializeModel } from "../../lib/models/initialize_model.ts";
import { loadModel, saveModel } from "../../lib/models/load_model.ts";
import { loadTokenizer } from "../../lib/text/tokenizer.ts";
import { assert, assertEquals, assertRejects } from "../support/mod.ts";

await useEngine("wasm");
const sizes = { model_type: "gpt2", n_positions: 16, n_embd: 8, n_layer: 1, n_head: 2, vocab_size: 4096 };

/** A folder of a model in one shard, with its tokenizer, and each file of JSON in it. */
async function scene() {
  const folder = await Deno.makeTempDir();
  await saveModel(initializeModel(sizes, { seed: 1 }), folder);
  await (await loadTokenizer("data/tokenizer")).save(folder);
  const { weight_map } = { weight_map: {} as Record<string, string> };
  const bytes = await Deno.readFile(`${folder}/model.safetensors`);
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
  for (const name of Object.keys(header)) if (name !== "__metadata__") weight_map[name] = "model-1.safetensors";
  await Deno.rename(`${folder}/model.safetensors`, `${folder}/model-1.safetensors`);
  const write = (name: string, value: object) =>
    Deno.writeTextFile(`${folder}/${name}`, JSON.stringify(value, null, 1));
  await write("model.safetensors.index.json", { metadata: {}, weight_map });
  await write("generation_config.json", { eos_token_id: [0, 7] });
  await write("special_tokens_map.json", { eos_token: "<|endoftext|>" });
  const files = [...Deno.readDirSync(folder)].map(({ name }) => name).filter((name) => name.endsWith(".json")).sort();
  return { folder, files };
}

const load = async (folder: string) => [await loadModel(folder), await loadTokenizer(folder)] as const;

Deno.test("loadModel() and loadTokenizer() read files with byte-order marks and CRLF as those without", async () => {
  const { folder, files } = await scene();
  const [model, tokenizer] = await load(folder);
  for (const name of files) {
    const text = (await Deno.readTextFile(`${folder}/${name}`)).replaceAll("\n", "\r\n");
    await Deno.writeTextFile(`${folder}/${name}`, `\ufeff${text}`);
  }
  const [marked, other] = await load(folder);
  assertEquals(marked.config.endTokens, model.config.endTokens);
  assertEquals(other.encode("A grey heron."), tokenizer.encode("A grey heron."));
  assertEquals(files.length, 6);
});

Deno.test("loadModel() and loadTokenizer() name the file and the place of bytes that are not UTF-8, and of broken JSON", async () => {
  const { folder, files } = await scene();
  for (const name of files) {
    const path = `${folder}/${name}`;
    const good = await Deno.readFile(path);
    await Deno.writeFile(path, Uint8Array.of(0x7b, 10, 0x22, 0xe9, 0x22));
    await assertRejects(() => load(folder), Error, `${path}, line 2, column 2: its bytes are not UTF-8`);
    await Deno.writeFile(path, Uint8Array.of(0xff, 0xfe, 0x7b, 0));
    await assertRejects(() => load(folder), Error, `${path}: UTF-8 text is needed, it is UTF-16`);
    await Deno.writeTextFile(path, '{\n  "a": 1,\n}');
    await assertRejects(() => load(folder), Error, `${path}, line 3, column 1: it is not JSON: there must be no comma`);
    await Deno.writeTextFile(path, "[]");
    await assertRejects(() => load(folder), Error, `${path}: it must hold a JSON object, it holds a list`);
    await Deno.writeFile(path, good);
  }
  await load(folder);
});

Deno.test("loadModel() reads adapter_config.json in the same way", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/adapter_config.json`, '{"peft_type": "LORA",\n "r": NaN}');
  const error = await loadModel(folder).then(() => undefined, (error) => error as Error);
  assert(
    error?.message.includes(`${folder}/adapter_config.json, line 2, column 7: it is not JSON: NaN is not`),
    error?.message,
  );
});
