/**
 * A recipe of `trainRun()` carried out for a task: planned or run, recorded, its folder kept.
 *
 * @module
 */
import type { ReadyRows } from "../../lib/datasets/ready_rows.ts";
import type { LanguageModel } from "../../lib/models/language_model.ts";
import { endTokensOf } from "../../lib/models/generation/end_tokens.ts";
import type { RunReport } from "../../lib/runs/run_report.ts";
import { trainRun, type TrainRunResult } from "../../lib/runs/train_run.ts";
import type { RunData, RunModels, RunTraining } from "../../lib/runs/run_parts.ts";
import type { SaveModelOptions } from "../../lib/models/save_model.ts";
import { trackerNames } from "../../lib/runs/trackers.ts";
import { TeacherError } from "../../lib/teachers/teacher_error.ts";
import { availableMemory } from "../../lib/training/memory/available_memory.ts";
import { runMemory } from "../../lib/training/memory/run_memory.ts";
import { beginRun } from "./begin_run.ts";
import type { ClaimedFolder } from "./claimed_folder.ts";
import type { Field } from "./field.ts";
import { type LoraSettings, saveTrained } from "./lora_fields.ts";
import { memoryTable } from "./memory_table.ts";
import { type Joined, resumeHint } from "./ranks.ts";
import { runRecording } from "./run_recording.ts";
import type { PlainText } from "./text_fields.ts";
import { decisiveSettings } from "./training_fields.ts";

/** What a task trains: distillation has a teacher and an objective, fine-tuning has neither. */
export interface Recipe {
  /** The task's name. */
  task: "distill" | "sft";
  models: RunModels;
  data: RunData;
  training: RunTraining;
  report: RunReport;
}

/** The settings of a run, as both tasks have them. */
export interface RecipeSettings extends LoraSettings, Readonly<Record<string, unknown>> {
  dryRun: boolean;
  resume: boolean | "auto";
  stopAfter?: number;
  format: SaveModelOptions["format"];
}

/** Options for {@linkcode runRecipe}. */
export interface RunRecipeOptions {
  config: RecipeSettings;
  /** The fields of the task's settings. */
  fields: readonly Field[];
  /** The run's folder. */
  folder: ClaimedFolder;
  ranks: Joined;
  /**
   * What the progress bar calls the run.
   *
   * @default {the task's name}
   */
  label?: string;
  /**
   * The folder of the trained weights.
   *
   * @default {"student"}
   */
  weights?: string;
  /**
   * Stops the run, instead of Ctrl-C.
   *
   * @default {Ctrl-C}
   */
  signal?: AbortSignal;
  /**
   * The message on how to resume a run that was stopped.
   *
   * @default {the task's command}
   */
  hint?: string;
}

/** How it ended: 0 at its end, 130 where it was stopped; the result is the first rank's. */
export interface RecipeOutcome extends Pick<TrainRunResult, "result"> {
  status: 0 | 130;
}

/**
 * Runs a recipe to its end or until the signal, or prints how much memory it would need.
 *
 * @param recipe What is trained.
 * @param options Settings, folder and ranks.
 */
export async function runRecipe(recipe: Recipe, options: RunRecipeOptions): Promise<RecipeOutcome> {
  const { task, models, data, report } = recipe;
  const { config, fields, folder, ranks: { communicator, engine, first }, label = task, weights, signal } = options;
  const training = {
    ...recipe.training,
    communicator,
    availableMemory: engine.device === "cpu" ? availableMemory() : undefined,
    settings: decisiveSettings(config),
    replaySettings: { task, ...config },
  };
  if (config.dryRun) {
    if (first) console.log(memoryTable(runMemory({ ...training, ...models, ...data }), training.availableMemory));
    return { status: 0 };
  }
  const { hint = resumeHint(task, { folder: folder.path, communicator }) } = options;
  const { stopAfter, format } = config;
  const warn = (text: string) => first && console.error(`warning: ${text}`);
  const { student, tokenizer } = models;
  using recording = runRecording({
    folder,
    label,
    hint,
    signal,
    stopAfter,
    tracked: trackerNames.filter((name) => config[name] === true),
    weights,
    save: (model: LanguageModel, at: string) => saveTrained(model, at, { format, settings: config }),
    begin: (at: { step: number; totalSteps: number }) => beginRun(folder, { config, fields, ...at, warn }),
    decode: (ids: number[]) => tokenizer.decode(ids),
    endTokens: endTokensOf({ model: student, tokenizer }),
  });
  const { finished, result } = await trainRun({ models, data, training, report, recording }).catch((error) => {
    if (!(error instanceof TeacherError) || error.saved === undefined) throw error;
    throw new TeacherError(`${error.message}. To continue: ${hint}`, undefined, { cause: error.cause });
  });
  if (!finished) return { status: 130 };
  if (first) await folder.finish();
  return { status: 0, result };
}

/**
 * The rows of a recipe.
 *
 * @param corpus The rows.
 * @param options How many of those to validate on are answered for the record, and the plain text whose loss joins.
 */
export const dataOf = (
  { train, valid }: ReadyRows,
  { samples, plainText }: { samples: number; plainText?: PlainText },
): RunData => ({
  rows: train,
  validRows: valid,
  sampleRows: valid.slice(0, samples),
  textRows: plainText?.rows,
  textBatchSize: plainText?.batchSize,
});

/** Settings of a run that pass to it as they are. */
type PlainSettings = Pick<
  RunTraining,
  | "batchSize"
  | "seed"
  | "validateEvery"
  | "saveEvery"
  | "resume"
  | "keepLast"
  | "keepBest"
  | "maxSkippedSteps"
  | "sampleEvery"
  | "sampleTemperature"
  | "shardOptimizer"
>;

/** Those settings of a task. */
export function plainSettings(config: PlainSettings): PlainSettings {
  const { batchSize, seed, validateEvery, saveEvery, resume, keepLast, keepBest, maxSkippedSteps } = config;
  const { sampleEvery, sampleTemperature, shardOptimizer } = config;
  const saving = { saveEvery, resume, keepLast, keepBest };
  return { batchSize, seed, validateEvery, ...saving, maxSkippedSteps, sampleEvery, sampleTemperature, shardOptimizer };
}
