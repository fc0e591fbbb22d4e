/** The reference checkpoints on every engine. */
import { generate } from "../../lib/models/generation/generate.ts";
import { loadModel, saveModel } from "../../lib/models/load_model.ts";
import { SafetensorsFile } from "../../lib/models/weights/safetensors.ts";
import { fileURLToPath } from "node:url";
import { useEngine } from "../../lib/engines/mod.ts";
import { assert, assertAllClose, assertEquals } from "../support/mod.ts";
import { testOnEngines } from "./on_engines.ts";

/** A golden.json beside a checkpoint. */
interface Golden {
  input_ids: number[][];
  logits: number[];
  logits_shape: number[];
  greedy_prompt: number[];
  greedy: number[];
}

/** Every tensor's format, shape and bytes. */
async function contentOf(path: string): Promise<Map<string, unknown[]>> {
  using file = await SafetensorsFile.open(path);
  const content = new Map<string, unknown[]>();
  for (const [name, { format, shape, byteLength }] of file.tensors) {
    content.set(name, [format, shape, await file.bytes(name, 0, byteLength)]);
  }
  return new Map([...content].sort());
}

for (const family of ["gpt2", "opt", "llama", "mistral", "qwen2", "qwen3", "gemma2"]) {
  const folder = new URL(`../golden/models/${family}/`, import.meta.url);
  testOnEngines(`${family}: logits and greedy tokens equal the reference numbers`, async () => {
    const golden: Golden = JSON.parse(await Deno.readTextFile(new URL("golden.json", folder)));
    const model = await loadModel(fileURLToPath(folder));
    const logits = model.logits({ inputIds: golden.input_ids });
    assertEquals(logits.shape, golden.logits_shape);
    assertAllClose(logits, golden.logits, { atol: 1e-4, rtol: 0 });
    const maxNewTokens = golden.greedy.length;
    const options = { maxNewTokens, temperature: 0, stopTokens: [] };
    assertEquals(await generate(model, [golden.greedy_prompt], options), [golden.greedy]);
    logits.dispose();
    model.dispose();
  });

  testOnEngines(`${family}: saved again, the file holds the same tensors to the byte`, async () => {
    const again = await Deno.makeTempDir();
    const model = await loadModel(fileURLToPath(folder));
    await saveModel(model, again);
    model.dispose();
    const path = fileURLToPath(new URL("model.safetensors", folder));
    assertEquals(await contentOf(`${again}/model.safetensors`), await contentOf(path));
    const [config, saved] = await Promise.all(
      [fileURLToPath(folder), again].map(async (place) => JSON.parse(await Deno.readTextFile(`${place}/config.json`))),
    );
    assertEquals(saved, config);
  });

  testOnEngines(`${family}: logits in bfloat16 are near the reference numbers`, async () => {
    const golden: Golden = JSON.parse(await Deno.readTextFile(new URL("golden.json", folder)));
    const largest = Math.max(...golden.logits.map(Math.abs));
    try {
      for (const [engine, weights] of [["float32", "bfloat16"], ["bfloat16", "float32"]] as const) {
        await useEngine("torch", { precision: engine });
        const model = await loadModel(fileURLToPath(folder), { precision: weights });
        const logits = model.logits({ inputIds: golden.input_ids });
        const errors = Array.from(logits.dataSync(), (logit, i) => Math.abs(logit - golden.logits[i]));
        const error = Math.max(...errors);
        // bfloat16 has eight significant bits, and a few layers add their roundings.
        assert(error < 0.05 * largest, `engine ${engine}, weights ${weights}: ${error} of ${largest}`);
        const options = { maxNewTokens: 8, temperature: 0, stopTokens: [] };
        assertEquals((await generate(model, [golden.greedy_prompt, [1, 2]], options)).map(({ length }) => length), [
          8,
          8,
        ]);
        logits.dispose();
        model.dispose();
      }
    } finally {
      await useEngine("torch", { precision: "float32" });
    }
  }, { except: ["cpu", "wasm", "webgpu", "tensorflow"] });
}
