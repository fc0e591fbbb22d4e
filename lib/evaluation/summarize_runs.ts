/**
 * Scores of runs that differ in their settings, over their seeds.
 *
 * @module
 */
import { checkList, objectWith } from "../arguments/check_arguments.ts";

/** Scores by which runs are compared. */
export interface ComparedScores {
  /** Mean next-token loss on the validation split, nats per token; less is better. */
  validLoss: number;
  /** Mean ROUGE-L, points from 0 to 100; more is better. */
  rougeL: number;
  /** Share of exact matches, percent. */
  exactMatch: number;
}

/** A run that is done. */
export interface ComparedRun {
  /** What it was run with, by name, the seed not among them; runs with the same values are one setting. */
  values: Readonly<Record<string, string | number | boolean>>;
  /** Its scores. */
  scores: ComparedScores;
}

/** A mean over seeds. */
export interface MeanAndDeviation {
  /** The arithmetic mean. */
  mean: number;
  /** The sample's standard deviation, by n − 1; nothing for a single run. */
  deviation?: number;
}

/** A setting and a summary of its runs. */
export interface SettingSummary {
  /** The setting. */
  values: ComparedRun["values"];
  /** How many runs there are of it. */
  runs: number;
  /** Each score over the runs. */
  scores: Record<keyof ComparedScores, MeanAndDeviation>;
  /** Its place by ROUGE-L, from 1; equal means share a place. */
  rankByRougeL: number;
  /** Its place by validation loss, from 1. */
  rankByValidLoss: number;
}

/**
 * Groups runs by setting, and ranks the settings.
 *
 * @param runs The runs, in any order.
 * @returns The settings, the highest mean ROUGE-L first, among equals the lowest validation loss.
 * @throws {RangeError} If a score is not a finite number; the message names it.
 *
 * @example Two seeds of one setting
 * ```ts
 * import assert from "node:assert/strict";
 * import { summarizeRuns } from "@amid/amid/evaluation";
 *
 * const run = (rougeL: number) => ({ values: { alpha: 0 }, scores: { validLoss: 3, rougeL, exactMatch: 10 } });
 * const [setting] = summarizeRuns([run(20), run(22)]);
 * assert.deepEqual(setting.scores.rougeL, { mean: 21, deviation: Math.SQRT2 });
 * ```
 */
export function summarizeRuns(runs: readonly ComparedRun[]): SettingSummary[] {
  checkList("compare runs", { runs }, objectWith("setting", "seed", "scores"));
  for (const { scores } of runs) {
    for (const [name, value] of Object.entries(scores)) {
      if (Number.isFinite(value)) continue;
      throw new RangeError(`Cannot compare runs: ${name} must be a finite number, current value is ${value}`);
    }
  }
  const groups = Map.groupBy(runs, ({ values }) => keyOf(values));
  const settings = [...groups.values()].map((group) => {
    const over = (name: keyof ComparedScores) => meanAndDeviation(group.map(({ scores }) => scores[name]));
    const scores = { validLoss: over("validLoss"), rougeL: over("rougeL"), exactMatch: over("exactMatch") };
    return { values: group[0].values, runs: group.length, scores };
  });
  const rank = (
    setting: (typeof settings)[number],
    better: (a: number, b: number) => boolean,
    name: keyof ComparedScores,
  ) => 1 + settings.filter((other) => better(other.scores[name].mean, setting.scores[name].mean)).length;
  const ranked = settings.map((setting) => ({
    ...setting,
    rankByRougeL: rank(setting, (a, b) => a > b, "rougeL"),
    rankByValidLoss: rank(setting, (a, b) => a < b, "validLoss"),
  }));
  return ranked.sort((a, b) => a.rankByRougeL - b.rankByRougeL || a.rankByValidLoss - b.rankByValidLoss);
}

/** The same for the same values in any order. */
const keyOf = (values: ComparedRun["values"]): string =>
  JSON.stringify(
    Object.entries(values).sort(([a], [b]) => a < b ? -1 : 1).map(([name, value]) => [name, String(value)]),
  );

function meanAndDeviation(values: readonly number[]): MeanAndDeviation {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  if (values.length === 1) return { mean };
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(squares / (values.length - 1)) };
}
