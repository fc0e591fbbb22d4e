/**
 * Recorded runs of several settings and seeds, and their summary.
 *
 * @module
 */
import { aText, checkArguments } from "../../arguments/check_arguments.ts";
import { gapClosedOf } from "../run_result.ts";

/** Scores of a model, in nats per token and points of 100. */
export interface RecordedScores {
  /** Mean next-token loss on held-out answers. */
  validLoss: number;
  /** Mean ROUGE-L of its answers. */
  rougeL: number;
  /** Share of exact matches. */
  exactMatch: number;
}

/** One run. */
export interface RecordedRun {
  /** The name of its setting. */
  setting: string;
  /** The seed. */
  seed: number;
  /** The scores on the rows that the seed drew. */
  teacher: RecordedScores;
  /** The student before the run. */
  start: RecordedScores;
  /** The student after it. */
  student: RecordedScores;
  /** ROUGE-L of the best constant answer to each kind of question. */
  constantRougeL: number;
  /** Validation losses by step, the start's at step 0. */
  validation: { step: number; loss: number }[];
  /** The mean of the training loss over the steps up to each, from the one before. */
  training: { step: number; loss: number }[];
}

/** What was compared. */
export interface Comparison {
  /** The command that made it. */
  command: string;
  /** The machine, in words. */
  machine: string;
  /** The day, `2026-11-23`. */
  date: string;
  /** Each setting: its name, how figures call it, and its flags of `deno task distill`. */
  settings: { name: string; title: string; flags: string[] }[];
  /** The runs. */
  runs: RecordedRun[];
}

/** A setting over its seeds. */
export interface RankedSetting {
  /** Its name. */
  name: string;
  /** How figures call it. */
  title: string;
  /** A value for each seed, in the order of the runs. */
  rougeL: number[];
  /** The same for the validation loss. */
  validLoss: number[];
  /**
   * The same for the share of the gap in validation loss, from start to teacher, that was closed; NaN where the teacher is no
   * better than the start.
   */
  gapClosed: number[];
  /** Whether a seed ended with a higher validation loss than it began with. */
  diverged: boolean;
}

/** The arithmetic mean. */
export function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The sample standard deviation; 0 for one value. */
export function spreadOf(values: readonly number[]): number {
  const mean = meanOf(values);
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : 0;
}

/**
 * Gathers the seeds of each setting and ranks the settings by mean ROUGE-L.
 *
 * @param comparison The recorded runs.
 * @returns The settings that have runs, the best first.
 * @throws {RangeError} If there is no run, or one has a setting that is not listed.
 *
 * @example Two settings
 * ```ts
 * import assert from "node:assert/strict";
 * import { type Comparison, rankSettings, type RecordedRun } from "@amid/amid/figures";
 *
 * const scores = (validLoss: number, rougeL: number) => ({ validLoss, rougeL, exactMatch: 0 });
 * const run = (setting: string, rougeL: number): RecordedRun => ({
 *   setting,
 *   seed: 1,
 *   teacher: scores(1, 50),
 *   start: scores(3, 20),
 *   student: scores(2, rougeL),
 *   constantRougeL: 20,
 *   validation: [],
 *   training: [],
 * });
 * const settings = ["a", "b"].map((name) => ({ name, title: name, flags: [] }));
 * const comparison: Comparison = {
 *   command: "",
 *   machine: "",
 *   date: "",
 *   settings,
 *   runs: [run("a", 30), run("b", 40)],
 * };
 * const ranked = rankSettings(comparison);
 * assert(ranked[0].name === "b" && ranked[0].gapClosed[0] === 0.5);
 * ```
 */
export function rankSettings({ settings, runs }: Comparison): RankedSetting[] {
  if (runs.length === 0) throw new RangeError("Cannot rank settings: a run is needed, current number is 0");
  const unknown = runs.find(({ setting }) => !settings.some(({ name }) => name === setting));
  if (unknown) throw new RangeError(`Cannot rank settings: the setting "${unknown.setting}" of a run is not listed`);
  const ranked = settings.flatMap(({ name, title }): RankedSetting[] => {
    const own = runs.filter(({ setting }) => setting === name);
    if (own.length === 0) return [];
    return [{
      name,
      title,
      rougeL: own.map(({ student }) => student.rougeL),
      validLoss: own.map(({ student }) => student.validLoss),
      gapClosed: own.map((run) => gapClosedOf(run) ?? NaN),
      diverged: own.some(({ start, student }) => student.validLoss > start.validLoss),
    }];
  });
  return ranked.sort((a, b) => meanOf(b.rougeL) - meanOf(a.rougeL));
}

/** The parts of a record, those that are lists first. */
const lists = ["settings", "runs"];
const texts = ["command", "machine", "date"];

/**
 * Reads a recorded comparison.
 *
 * @param path The file, such as `data/comparison/results.json`.
 * @returns The comparison.
 * @throws {TypeError} If the file is something else; the message names the part that is missing.
 */
export async function readComparison(path: string): Promise<Comparison> {
  checkArguments("read a comparison", { path: [path, aText] });
  const value = JSON.parse(await Deno.readTextFile(path)) as Record<string, unknown> | null;
  const missing = lists.find((part) => !Array.isArray(value?.[part])) ??
    texts.find((part) => typeof value?.[part] !== "string");
  if (missing === undefined) return value as unknown as Comparison;
  throw new TypeError(`Cannot read the comparison ${path}: "${missing}" is missing or of another kind`);
}
