/** Models and a corpus so small that a task runs in a second. */
import { initializeModel } from "../../lib/models/initialize_model.ts";
import { saveModel } from "../../lib/models/load_model.ts";

/** The smallest models of the built-in vocabulary, and a corpus of a few rows; an engine must be in use. */
export async function playground(): Promise<string> {
  const root = await Deno.makeTempDir();
  const sizes = { model_type: "gpt2", vocab_size: 4096, n_positions: 96, n_embd: 4, n_layer: 1, n_head: 1 };
  for (const [seed, name] of ["teacher", "student"].entries()) {
    await saveModel(initializeModel(sizes, { seed }), `${root}/${name}`);
  }
  const lines = ["heron", "stork", "crane", "ibis", "egret"].map((bird) =>
    JSON.stringify({ instruction: `Name a ${bird}.`, output: bird })
  );
  for (const split of ["train", "valid", "test"]) await Deno.writeTextFile(`${root}/${split}.jsonl`, lines.join("\n"));
  return root;
}
