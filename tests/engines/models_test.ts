/** The reference checkpoints on every engine. */
import { generate } from "../../lib/models/generate.ts";
import { loadModel } from "../../lib/models/load_model.ts";
import { fileURLToPath } from "node:url";
import { assertAllClose, assertEquals } from "../support/mod.ts";
import { testOnEngines } from "./on_engines.ts";

/** A golden.json beside a checkpoint. */
interface Golden {
  input_ids: number[][];
  logits: number[];
  logits_shape: number[];
  greedy_prompt: number[];
  greedy: number[];
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
}
