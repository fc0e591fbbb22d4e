/**
 * Scores of several models on several sets under several seeds, summed up.
 *
 * @module
 */
import { checkList, objectWith } from "../arguments/check_arguments.ts";

/** What a score is of. */
export type Metric = "rougeL" | "exactMatch";

/** A model's mean scores on one set under one seed, in points of 100. */
export interface SeedScore extends Record<Metric, number> {
  /** The model. */
  model: string;
  /** The set. */
  set: string;
  /** The seed of the draws. */
  seed: number;
}

/** A cell of the table. */
export interface ScoreCell {
  /** Mean over the seeds, in points of 100. */
  mean: number;
  /** Standard deviation over the seeds, of those there are (divided by their number); 0 where there is one. */
  deviation: number;
  /** Whether no other model's mean is higher, to the two decimals that are shown. */
  best: boolean;
}

/** A model's line. */
export interface ScoreLine {
  /** The model. */
  model: string;
  /** A cell for each set, in the table's order, and last the average over the sets. */
  cells: ScoreCell[];
}

/** A table of one metric. */
export interface ScoreTable {
  /** What is shown. */
  metric: Metric;
  /** The sets, in the order in which they first occur. */
  sets: string[];
  /** The seeds, in the order in which they first occur. */
  seeds: number[];
  /** The models, in the order in which they first occur. */
  lines: ScoreLine[];
}

/**
 * Sums up scores: mean and standard deviation over the seeds for each model and set, and the same of each seed's average
 * over the sets.
 *
 * @param scores The scores: one for each model, set and seed.
 * @param metric Which score.
 * @throws {RangeError} If there is no score, or a model has none, or more than one, on a set under a seed; the message
 * names them.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { scoreTable } from "@amid/amid/evaluation";
 *
 * const score = (seed: number, rougeL: number) => ({ model: "a", set: "dolly", seed, rougeL, exactMatch: 0 });
 * const [{ cells }] = scoreTable([score(10, 20), score(20, 22)], "rougeL").lines;
 * assert.deepEqual([cells[0].mean, cells[0].deviation], [21, 1]);
 * ```
 */
export function scoreTable(scores: readonly SeedScore[], metric: Metric): ScoreTable {
  checkList("make a table of scores", { scores }, objectWith("model", "set", "seed"));
  if (scores.length === 0) {
    throw new RangeError("Cannot make a table of scores: at least one is needed, current count is 0");
  }
  const [models, sets, seeds] = (["model", "set", "seed"] as const).map((key) => [
    ...new Set(scores.map((score) => score[key])),
  ]) as [string[], string[], number[]];
  const lookUp = (model: string, set: string, seed: number): number => {
    const found = scores.filter((score) => score.model === model && score.set === set && score.seed === seed);
    if (found.length === 1) return found[0][metric];
    throw new RangeError(
      `Cannot make a table of scores: ${model} must have one on ${set} under seed ${seed}, it has ${found.length}`,
    );
  };
  const lines = models.map((model) => {
    const bySet = sets.map((set) => seeds.map((seed) => lookUp(model, set, seed)));
    const averages = seeds.map((_, index) => mean(bySet.map((values) => values[index])));
    return { model, cells: [...bySet, averages].map((values) => ({ ...summary(values), best: false })) };
  });
  for (let column = 0; column <= sets.length; column++) {
    const highest = Math.max(...lines.map(({ cells }) => shown(cells[column])));
    for (const { cells } of lines) cells[column].best = shown(cells[column]) === highest;
  }
  return { metric, sets, seeds, lines };
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

const shown = ({ mean }: { mean: number }): number => Math.round(100 * mean);

function summary(values: readonly number[]): { mean: number; deviation: number } {
  const middle = mean(values);
  return { mean: middle, deviation: Math.sqrt(mean(values.map((value) => (value - middle) ** 2))) };
}
