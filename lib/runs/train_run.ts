/**
 * A whole run in its own folder: trained, recorded, its weights saved.
 *
 * @module
 */
import { join } from "node:path";
import { aText, aTokenizer, checkArguments, objectWith } from "../arguments/check_arguments.ts";
import { onFirstRank } from "../distributed/first_rank.ts";
import type { LanguageModel } from "../models/language_model.ts";
import { saveAdaptedModel } from "../models/lora/save_adapted.ts";
import type { Tokenizer } from "../text/tokenizer_interface.ts";
import { distill } from "../training/run/distill.ts";
import { jsonLines } from "./json_lines.ts";
import { recordRun, type RecordRunOptions, type RecordRunResult } from "./record_run.ts";
import type { Recorder } from "./recorder.ts";
import { type FineTuningResult, openReport, type RunReport } from "./run_report.ts";
import type { RunResult } from "../figures/run_result.ts";
import type { RunData, RunModels, RunTraining } from "./run_parts.ts";

/** Where a run is written, and by what. */
export interface RunRecording extends RecordRunOptions {
  /**
   * The run's folder, which gets `checkpoints/`, `failures/`, the trained weights, and those averaged over the steps
   * where the training has an `averageDecay`.
   */
  folder: string;
  /**
   * The name of the folder of weights in it; the averaged ones are `<name>-average`.
   *
   * @default {"student"}
   */
  weights?: string;
  /**
   * What writes the run down; of several ranks the first calls them.
   *
   * @default {metrics.jsonl in the folder}
   */
  recorders?: readonly Recorder[];
  /**
   * Saves the trained model.
   *
   * @default {saveAdaptedModel}
   */
  save?: (model: LanguageModel, folder: string) => Promise<void>;
}

/** Options for {@linkcode trainRun}. */
export interface TrainRunOptions {
  /** Who learns, and from whom. */
  models: RunModels;
  /** What is trained and validated on. */
  data: RunData;
  /** How. */
  training: RunTraining;
  /** What is written, and where. */
  recording: RunRecording;
  /**
   * What is scored before and after the run, and shown.
   *
   * @default {nothing}
   */
  report?: RunReport;
}

/** The outcome of {@linkcode trainRun}. */
export interface TrainRunResult extends RecordRunResult {
  /** The contents of `result.json`, for a finished run with a report, on the first rank. */
  result?: RunResult | FineTuningResult;
}

/**
 * Trains the student in a folder, and saves its weights there. Distillation and fine-tuning are the same run, with a
 * teacher and an objective and without.
 *
 * With a report, teacher and start answer held-out texts before the run and the student after it; the folder then has
 * `result.json`, and `report.html` where there is a teacher whose model can answer.
 *
 * A run that is stopped by `recording.signal` or after `recording.stopAfter` has a checkpoint and no weights; it
 * resumes with `training.resume`.
 *
 * @param options Models, data, training, recording and report.
 * @returns Whether the run finished, what went wrong with its recorders, and its result.
 * @throws {RangeError | TypeError} If an option is invalid, or a checkpoint is of another run.
 * @throws {NonFiniteLossError} If the run diverges.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { loadModel, loadTokenizer, objective, rowFromText, useEngine } from "@amid/amid";
 * import { trainRun } from "@amid/amid/runs";
 *
 * await useEngine("wasm");
 * const tokenizer = await loadTokenizer("data/tokenizer");
 * const student = await loadModel("data/student-start");
 * const teacher = await loadModel("data/teacher");
 * const row = rowFromText(tokenizer, { prompt: "What kind of thing is a heron?\n", response: "animal" });
 * const folder = await Deno.makeTempDir();
 * const { finished } = await trainRun({
 *   models: { student, teacher, tokenizer },
 *   data: { rows: [row] },
 *   training: { objective: objective("amid"), batchSize: 1, totalSteps: 2, optimizer: { learningRate: 1e-3 } },
 *   recording: { folder },
 * });
 * assert(finished);
 * await loadModel(`${folder}/student`); // the folder also has metrics.jsonl and a checkpoint
 * ```
 *
 * @example Next-token training, with its scores
 * ```ts
 * import assert from "node:assert/strict";
 * import { loadModel, loadTokenizer, rowFromText, useEngine } from "@amid/amid";
 * import { trainRun } from "@amid/amid/runs";
 *
 * await useEngine("wasm");
 * const tokenizer = await loadTokenizer("data/tokenizer");
 * const prompt = "What kind of thing is a heron?\n";
 * const rows = [rowFromText(tokenizer, { prompt, response: "animal" })];
 * const { result } = await trainRun({
 *   models: { student: await loadModel("data/student-start"), tokenizer },
 *   data: { rows, validRows: rows },
 *   training: { batchSize: 1, totalSteps: 2, optimizer: { learningRate: 1e-3 } },
 *   recording: { folder: await Deno.makeTempDir() },
 *   report: { test: [{ prompt, outputs: ["animal"] }] },
 * });
 * assert(result && "model" in result && result.model.validLoss > 0);
 * ```
 */
export async function trainRun(options: TrainRunOptions): Promise<TrainRunResult> {
  checkArguments("train", { options: [options, objectWith("models", "data", "training", "recording")] });
  const { models, data, training, recording, report } = options;
  for (const [name, fields] of Object.entries({ models, data, training, recording })) {
    checkArguments("train", { [name]: [fields, objectWith(...required[name as keyof typeof required])] });
  }
  checkArguments("train", { tokenizer: [models.tokenizer, aSavedTokenizer], folder: [recording.folder, aText] });
  const { folder, weights = "student", save = saveAdaptedModel, begin, ...others } = recording;
  const { recorders = [jsonLines(join(folder, "metrics.jsonl"))] } = recording;
  const { averageDecay, communicator } = training;
  const averageFolder = averageDecay === undefined ? undefined : join(folder, `${weights}-average`);
  const first = (communicator?.rank ?? 0) === 0;
  const { signal, warn = () => {} } = recording;
  const opened = report && await openReport(report, { models, data, training, folder, warn });
  if (opened && signal?.aborted) return { finished: false, step: 0, warnings: [] };
  const recorded = await recordRun(
    (hooks) =>
      distill({
        ...training,
        ...models,
        ...data,
        ...hooks,
        averageFolder,
        checkpointFolder: join(folder, "checkpoints"),
        failureFolder: join(folder, "failures"),
      }),
    first ? recorders : [],
    { ...others, begin: first ? begin : undefined },
  );
  if (!recorded.finished) return recorded;
  const saveAll = async () => {
    const path = join(folder, weights);
    await save(models.student, path);
    await models.tokenizer.save(path);
    if (averageFolder !== undefined) await models.tokenizer.save(averageFolder);
  };
  await (communicator ? onFirstRank(communicator, saveAll) : saveAll());
  return { ...recorded, ...opened && { result: await opened.finish() } };
}

const aSavedTokenizer = {
  what: aTokenizer.what,
  fits: (value: unknown) => typeof (value as Partial<Tokenizer> | undefined)?.save === "function",
};

/** The fields that messages name. */
const required: Record<Exclude<keyof TrainRunOptions, "report">, string[]> = {
  models: ["student", "tokenizer"],
  data: ["rows"],
  training: ["batchSize", "totalSteps", "optimizer"],
  recording: ["folder"],
};
