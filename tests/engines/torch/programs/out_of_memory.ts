/**
 * A run whose longest row needs more memory than short ones: prints the error it ends with, or its last step.
 *
 *     out_of_memory.ts CHECKPOINTS CHUNK_SIZE
 */
import { useEngine } from "../../../../lib/engines/mod.ts";
import { initializeModel } from "../../../../lib/models/initialize_model.ts";
import { distill } from "../../../../lib/training/run/distill.ts";

const [checkpointFolder, chunkSize] = Deno.args;
await useEngine("torch", { threads: 1 });
const sizes = { vocab_size: 80_000, n_positions: 1500, n_embd: 16, n_layer: 1, n_head: 2 };
const student = initializeModel({ model_type: "gpt2", ...sizes }, { seed: 1 });
const lengths = [8, 8, 8, 1400, 8, 8];
const rows = lengths.map((length, i) => ({
  ids: Array.from({ length }, (_, at) => (7 * at + i) % 999),
  promptLength: 2,
}));
const settings = { batchSize: 1, totalSteps: 6, optimizer: { learningRate: 1e-3 }, chunkSize: Number(chunkSize) };
let steps = 0;
try {
  for await (
    const event of distill({ student, rows, ...settings, checkpointFolder, saveEvery: 1, keepLast: 9, resume: true })
  ) {
    if (event.type === "step") steps = event.step;
  }
  console.log(JSON.stringify({ steps }));
} catch (error) {
  const { name, message, bytes } = error as Error & { bytes?: number };
  console.log(JSON.stringify({ steps, name, message, bytes }));
}
