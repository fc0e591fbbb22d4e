/**
 * The weights that a run has saved, and the best of them.
 *
 * @module
 */
import { basename, join } from "node:path";
import { exists } from "../../files/exists.ts";
import { loadTokenizer } from "../../text/tokenizer.ts";

/** Where a run keeps the answers of its candidates. */
export const RUN_SCORES = "selection";

/** Weights that a run has saved. */
export interface Candidate {
  /** `step-…` of a checkpoint, `final` of the run's end. */
  name: string;
  /** The folder of the weights. */
  path: string;
  /** Where its scores go, without an ending. */
  scores: string;
}

async function isModel(folder: string): Promise<boolean> {
  return await exists(join(folder, "config.json")) || await exists(join(folder, "adapter_config.json"));
}

/**
 * Finds the weights that a run has saved: of its checkpoints in their order, and of its end.
 *
 * @param run The run's folder.
 */
export async function candidatesOf(run: string): Promise<Candidate[]> {
  const steps: string[] = [];
  try {
    for await (const { name } of Deno.readDir(join(run, "checkpoints"))) if (/^step-\d+$/.test(name)) steps.push(name);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  const numberOf = (name: string) => Number(name.slice("step-".length));
  const folders = steps.sort((a, b) => numberOf(a) - numberOf(b))
    .map((name) => ({ name, path: join(run, "checkpoints", name, "student") }));
  for (const end of ["student", "model"]) folders.push({ name: "final", path: join(run, end) });
  const found: Candidate[] = [];
  for (const { name, path } of folders) {
    if (await isModel(path)) found.push({ name, path, scores: join(run, RUN_SCORES, name) });
  }
  return found;
}

/**
 * Reads a candidate's weights. A run in progress may delete them meanwhile.
 *
 * @param candidate The candidate.
 * @param read Reads them.
 * @returns What it returns.
 * @throws {Error} If they were deleted, which the message says; otherwise what `read` throws.
 */
export async function readCandidate<Value>({ path }: Candidate, read: () => Promise<Value>): Promise<Value> {
  try {
    return await read();
  } catch (cause) {
    if (await isModel(path)) throw cause;
    throw new Error(
      `Cannot select: ${path} was deleted while it was read, because a run that goes on deletes its older checkpoints; ` +
        "select when it has ended, or start it with a larger --keep-last",
      { cause },
    );
  }
}

/** The candidate with the highest ROUGE-L or the lowest loss; of equals the first. */
export function bestOf<C extends { score: number }>(candidates: readonly C[], by: "rouge-l" | "loss"): C {
  const worth = ({ score }: C) => by === "loss" ? -score : score;
  return candidates.reduce((best, candidate) => worth(candidate) > worth(best) ? candidate : best);
}

/**
 * Copies a folder of weights, with a tokenizer, atomically. An existing one is replaced.
 *
 * @param from The folder of the weights.
 * @param to The copy.
 * @param tokenizer The folder of the tokenizer.
 */
export async function copyWeights(from: string, to: string, tokenizer: string): Promise<void> {
  const beside = `${to}.partial`;
  const removeAll = async (path: string) => {
    if (await exists(path)) await Deno.remove(path, { recursive: true });
  };
  await removeAll(beside);
  await Deno.mkdir(beside);
  for await (const { name, isFile } of Deno.readDir(from)) {
    if (isFile) await Deno.copyFile(join(from, name), join(beside, basename(name)));
  }
  await (await loadTokenizer(tokenizer)).save(beside);
  await removeAll(to);
  await Deno.rename(beside, to);
}
