/** A folder with small models of the built-in vocabulary and a corpus of a few rows, for tests of tasks. */
import { fileURLToPath } from "node:url";
import { initializeModel } from "../../lib/models/initialize_model.ts";
import { saveModel } from "../../lib/models/load_model.ts";

/** Makes the folder; an engine must be in use. */
export async function playground(): Promise<string> {
  const root = await Deno.makeTempDir();
  const sizes = { model_type: "gpt2", vocab_size: 4096, n_positions: 96, n_embd: 16, n_layer: 1, n_head: 2 };
  for (const [seed, name] of ["teacher", "student"].entries()) {
    await saveModel(initializeModel(sizes, { seed }), `${root}/${name}`);
  }
  const lines = ["heron", "stork", "<b>crane</b>", "ibis"].map((bird) =>
    JSON.stringify({ instruction: `Name a wader like ${bird}.`, output: [bird, "bird"], kind: "wader" })
  );
  for (const split of ["train", "valid", "test"]) await Deno.writeTextFile(`${root}/${split}.jsonl`, lines.join("\n"));
  return root;
}

/** The flags that name the models and the corpus, for a task that runs in the folder. */
export const flagsInside = (root: string): string[] => [
  "--teacher",
  "teacher",
  "--student",
  "student",
  "--data",
  root,
  "--tokenizer",
  fileURLToPath(new URL("../../data/tokenizer", import.meta.url)),
  "--engine",
  "wasm",
];

/** The flags of a run of six steps on such a folder, for any policy. */
export const shortRunFlags = (root: string): string[] => [
  "--teacher",
  `${root}/teacher`,
  "--student",
  `${root}/student`,
  "--data",
  root,
  "--steps",
  "6",
  "--batch-size",
  "2",
  "--validate-every",
  "3",
  "--engine",
  "wasm",
];

/** The same where the student writes, which it does briefly. */
export const playgroundFlags = (root: string): string[] => [...shortRunFlags(root), "--max-new-tokens", "4"];

/** The lines of a file of JSON lines. */
export async function jsonLines(path: string): Promise<Record<string, unknown>[]> {
  return (await Deno.readTextFile(path)).trim().split("\n").map((line) => JSON.parse(line));
}
