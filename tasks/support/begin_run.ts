/**
 * What is written into a run's folder when the run begins or goes on.
 *
 * @module
 */
import { join } from "node:path";
import { writeAtomically } from "../../lib/files/atomic_write.ts";
import type { ClaimedFolder } from "./claimed_folder.ts";
import { formatConfig } from "./config_file.ts";
import type { Field } from "./field.ts";

/** Options for {@linkcode beginRun}. */
export interface BeginRunOptions {
  /** The fields of the task's settings. */
  fields: readonly Field[];
  /** The settings. */
  config: Readonly<Record<string, unknown>> & { resume: boolean | "auto" };
  /** Steps taken. */
  step: number;
  /** Steps that the run is to have. */
  totalSteps: number;
  /** Receives warnings. */
  warn: (text: string) => void;
}

/**
 * Begins a run in its folder, or goes on there: everything has been checked. `config.json` says with what, and the
 * `result.json` of a run that goes on to more steps is kept as `result-step-<n>.json`, because a folder with a result
 * counts as a run that is done.
 *
 * @param folder The folder.
 * @param options The settings and the steps.
 * @throws {Error} If the files of a new run cannot be written.
 */
export async function beginRun(folder: ClaimedFolder, options: BeginRunOptions): Promise<void> {
  const { config, fields, step, totalSteps, warn } = options;
  await folder.begin();
  try {
    const text = formatConfig({ ...config, overwrite: false, resume: false }, fields);
    await writeAtomically(join(folder.path, "config.json"), text);
  } catch (error) {
    if (step === 0) throw error;
    warn((error as Error).message); // a record must not keep a sound checkpoint from being used
  }
  if (step >= totalSteps) return;
  const kept = join(folder.path, `result-step-${step}.json`);
  await Deno.rename(join(folder.path, "result.json"), kept).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
}
