/**
 * Steps that ended a run, saved so that they can be taken again.
 *
 * The folder has the files of `trainer_files.ts` as they were before the step, and `failure.json` with the step, the
 * culprit, the rows and the run's settings.
 *
 * @module
 */
import { aText, checkArguments } from "../../arguments/check_arguments.ts";
import { join } from "node:path";
import type { Row } from "../../batches/row.ts";
import { writeFolderAtomically } from "../../files/atomic_folder.ts";
import { writeAtomically } from "../../files/atomic_write.ts";
import { checkManifest } from "../../files/manifest.ts";
import type { NonFiniteLossError } from "../step/non_finite_loss_error.ts";
import type { Trainer } from "../step/trainer.ts";
import { readTrainer, writeTrainer } from "./trainer_files.ts";

/** The record of a failed step. */
export interface FailedStepRecord {
  /** The step, from 0. */
  step: number;
  /** What was not finite, and where. */
  culprit: string;
  /** The step's rows. */
  rows: readonly Row[];
  /** The plain text beside them. */
  textRows: readonly Row[];
  /** The settings of the run, as `DistillOptions.settings` had them. */
  settings: Readonly<Record<string, unknown>>;
}

/** Options for {@linkcode saveFailedStep}. */
export interface SaveFailedStepOptions extends Pick<FailedStepRecord, "rows" | "textRows" | "settings"> {
  /** The trainer, as it was before the step. */
  trainer: Trainer;
  /** What happened. */
  error: NonFiniteLossError;
}

/**
 * Saves a step that failed.
 *
 * @param folder Where failures are saved; each step has its own folder in it.
 * @param options The trainer, the rows and the error.
 * @returns The step's folder.
 * @throws {Error} If it cannot be written.
 */
export async function saveFailedStep(folder: string, options: SaveFailedStepOptions): Promise<string> {
  const { trainer, error, rows, textRows, settings } = options;
  const path = join(folder, `step-${String(error.step).padStart(8, "0")}`);
  const record: FailedStepRecord = { step: error.step, culprit: error.culprit, rows, textRows, settings };
  await Deno.mkdir(folder, { recursive: true });
  await writeFolderAtomically(path, async (partial) => {
    await writeTrainer(partial, trainer);
    await writeAtomically(join(partial, "failure.json"), JSON.stringify(record, infinitiesAsText) + "\n");
  });
  return path;
}

/** JSON has no infinities; configuration files write them as `"inf"` and `"-inf"`. */
function infinitiesAsText(_key: string, value: unknown): unknown {
  return value === Infinity ? "inf" : value === -Infinity ? "-inf" : value;
}

/**
 * Reads the record of a failed step, without its weights.
 *
 * @param folder The step's folder.
 * @throws {SyntaxError} If the folder is not one, or a file is missing, short or changed; the message names the file.
 */
export async function readFailedStep(folder: string): Promise<FailedStepRecord> {
  checkArguments("replay a step", { folder: [folder, aText] });
  await checkManifest(folder);
  const path = join(folder, "failure.json");
  const record: Partial<FailedStepRecord> = JSON.parse(await Deno.readTextFile(path));
  if (!Number.isSafeInteger(record.step) || !Array.isArray(record.rows) || typeof record.settings !== "object") {
    throw new SyntaxError(`Cannot replay: ${path} must hold a step, rows and settings`);
  }
  const { corpusRows, ...named } = record as FailedStepRecord & { corpusRows?: readonly Row[] };
  return corpusRows ? { ...named, textRows: corpusRows } : named; // its older name
}

/**
 * Takes a failed step again.
 *
 * @param folder The step's folder.
 * @param trainer A trainer made from the run's settings; its state is replaced.
 * @returns The step's result, if it does not fail this time.
 * @throws {NonFiniteLossError} If it fails again.
 */
export async function replayFailedStep(folder: string, trainer: Trainer): Promise<ReturnType<Trainer["step"]>> {
  const { rows, textRows } = await readFailedStep(folder);
  await readTrainer(folder, trainer);
  return await trainer.step(rows, { textRows, recurring: false });
}
