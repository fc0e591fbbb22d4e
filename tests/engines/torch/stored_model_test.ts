/** Models that are held in the blocks of their GGUF file. */
import * as tf from "@tensorflow/tfjs-core";
import { initializeModel } from "../../../lib/models/initialize_model.ts";
import { loadModel } from "../../../lib/models/load_model.ts";
import { saveGguf } from "../../../lib/models/save_gguf.ts";
import { saveModel } from "../../../lib/models/save_model.ts";
import { storageDifference } from "../../../lib/models/storage_difference.ts";
import { loadTokenizer } from "../../../lib/text/tokenizer.ts";
import { assert, assertEquals, assertRejects } from "../../support/mod.ts";
import { testOnTorch, torchBackend } from "./support.ts";

const shape = {
  vocab_size: 4096,
  hidden_size: 256,
  intermediate_size: 512,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  max_position_embeddings: 64,
  tie_word_embeddings: true,
};

async function fileOf(model_type: string, precision: "F16" | "Q8_0" | "Q4_0" | "Q4_K"): Promise<string> {
  const path = `${await Deno.makeTempDir()}/model.gguf`;
  const model = initializeModel({ model_type, ...shape }, { seed: 2 });
  await saveGguf(model, path, { tokenizer: await loadTokenizer("data/tokenizer"), precision });
  model.dispose();
  return path;
}

// A llama's queries and keys lie in another order in the file, in blocks as well.
for (const [precision, share] of [["F16", 0.51], ["Q8_0", 0.27], ["Q4_0", 0.21], ["Q4_K", 0.21]] as const) {
  testOnTorch(`loadModel() holds ${precision} as stored, and computes what its numbers give`, async () => {
    const path = await fileOf("llama", precision);
    const before = torchBackend().torch.handles;
    const [full, stored] = [await loadModel(path), await loadModel(path, { precision: "stored" })];
    const difference = await storageDifference(full, stored, { rows: [[5, 9, 300, 7], [81, 2]] });
    assertEquals(difference.roundingError, 0);
    // With products of bfloat16 both factors are rounded to that.
    const exact = !torchBackend().torch.library.processor.bfloat16;
    assert(Math.abs(difference.divergence) < (exact ? 1e-6 : 1e-3), `${difference.divergence}`);
    const bytes = stored.packedBytes! / (4 * stored.parameterCount);
    assert(bytes < share, `${bytes} of float32's memory`);
    full.dispose();
    stored.dispose();
    assertEquals(torchBackend().torch.handles, before);
  });
}

testOnTorch("loadModel() holds as stored only what is in a GGUF file in the parameters' order", async () => {
  const folder = await Deno.makeTempDir();
  const model = initializeModel({ model_type: "llama", ...shape }, { seed: 2 });
  await saveModel(model, folder);
  model.dispose();
  await assertRejects(
    () => loadModel(folder, { precision: "stored" }),
    TypeError,
    `Cannot hold ${folder}/model.safetensors as stored: a GGUF file is needed; int8 and int4 hold other models`,
  );
  const path = `${folder}/gpt2.gguf`;
  const sizes = { vocab_size: 4096, n_embd: 128, n_head: 2, n_layer: 1, n_positions: 32 };
  const other = initializeModel({ model_type: "gpt2", ...sizes }, { seed: 2 });
  await saveGguf(other, path, { tokenizer: await loadTokenizer("data/tokenizer"), precision: "Q8_0" });
  other.dispose();
  const { numTensors } = tf.memory();
  await assertRejects(() => loadModel(path, { precision: "stored" }), TypeError, '" is read transposed');
  assertEquals(tf.memory().numTensors, numTensors);
});
