/**
 * The difference of two models' scores on the same rows, with its interval.
 *
 * @module
 */
import { aList, checkArguments, objectWith } from "../arguments/check_arguments.ts";
import { randomStream } from "../random/random.ts";

/** Scores of one set: a list for each run, of one score for each row. */
export type SetScores = readonly (readonly number[])[];

/** Options for {@linkcode pairedBootstrap}. */
export interface PairedBootstrapOptions {
  /**
   * The scores of one model, by set: a list for each of its runs, of one score for each row.
   */
  a: Readonly<Record<string, SetScores>>;
  /** Those of the other, on the same sets and rows; it may have another number of runs. */
  b: Readonly<Record<string, SetScores>>;
  /**
   * Resamples.
   *
   * @default {10000}
   */
  resamples?: number;
  /**
   * Share of the resamples that the interval holds.
   *
   * @default {0.95}
   */
  level?: number;
  /**
   * Seed of the draws.
   *
   * @default {1}
   */
  seed?: number;
}

/** What {@linkcode pairedBootstrap} finds. */
export interface PairedDifference {
  /** The mean of a − b: over rows, then over sets, each set with the same weight. */
  difference: number;
  /** Below it lies half of what the interval leaves out. */
  low: number;
  /** Above it lies the other half. */
  high: number;
  /** Share of the resamples with a difference of at most 0, or of at least 0 where that is less, twice; at most 1. */
  pValue: number;
}

/**
 * Compares two models that answered the same rows: the mean difference of their scores and its percentile interval.
 * Each resample draws runs of either model and rows of each set with replacement, the same rows for both, so that the
 * interval contains the variation over seeds and over questions. Runs are drawn one by one for either model: they are
 * not paired, except that one run alone stays as it is.
 *
 * Source: P. Koehn, "Statistical significance tests for machine translation evaluation", 2004; B. Efron and
 * R. Tibshirani, "An introduction to the bootstrap", 1993, chapter 13.
 *
 * @throws {RangeError} If the sets or the rows of both are not the same, a list is empty, or a score is not finite.
 *
 * @example The same scores
 * ```ts
 * import assert from "node:assert/strict";
 * import { pairedBootstrap } from "@amid/amid/evaluation";
 *
 * const scores = { birds: [[10, 30, 20]] };
 * const { difference, low, high } = pairedBootstrap({ a: scores, b: scores, resamples: 100 });
 * assert.deepEqual([difference, low, high], [0, 0, 0]);
 * ```
 */
export function pairedBootstrap(options: PairedBootstrapOptions): PairedDifference {
  checkArguments("compare scores", { options: [options, objectWith("a", "b")] });
  const { a, b, resamples = 10000, level = 0.95, seed = 1 } = options;
  const sets = setsOf(a, b);
  if (!(Number.isSafeInteger(resamples) && resamples >= 1)) {
    throw new RangeError(
      `Cannot compare scores: resamples must be a positive whole number, current value is ${resamples}`,
    );
  }
  if (!(level > 0 && level < 1)) {
    throw new RangeError(`Cannot compare scores: level must be above 0 and below 1, current value is ${level}`);
  }
  const random = randomStream(seed);
  const drawn = (count: number) => Array.from({ length: count }, () => random.below(count));
  const [first] = sets;
  const differences = new Float64Array(resamples);
  for (let sample = 0; sample < resamples; sample++) {
    const runs = { a: drawn(first.a.length), b: drawn(first.b.length) };
    let sum = 0;
    for (const set of sets) {
      const rows = drawn(set.a[0].length);
      sum += meanOf(set.a, runs.a, rows) - meanOf(set.b, runs.b, rows);
    }
    differences[sample] = sum / sets.length;
  }
  differences.sort();
  const all = ({ length }: readonly unknown[]) => [...Array(length).keys()];
  const observed = sets.map((set) => {
    const rows = all(set.a[0]);
    return meanOf(set.a, all(set.a), rows) - meanOf(set.b, all(set.b), rows);
  });
  const difference = observed.reduce((sum, value) => sum + value, 0) / sets.length;
  const tail = (1 - level) / 2;
  const least = Math.min(
    differences.filter((value) => value <= 0).length,
    differences.filter((value) => value >= 0).length,
  );
  return {
    difference,
    low: quantile(differences, tail),
    high: quantile(differences, 1 - tail),
    pValue: Math.min(1, (2 * least) / resamples),
  };
}

function setsOf(
  a: PairedBootstrapOptions["a"],
  b: PairedBootstrapOptions["b"],
): { name: string; a: SetScores; b: SetScores }[] {
  const names = Object.keys(a);
  const missing = [...names.filter((name) => !(name in b)), ...Object.keys(b).filter((name) => !(name in a))];
  if (missing.length > 0 || names.length === 0) {
    throw new RangeError(
      `Cannot compare scores: both need the same sets, ${missing.join(", ") || "none"} is not in both`,
    );
  }
  for (const name of names) {
    checkArguments("compare scores", { a: [a[name], aList], b: [b[name], aList] });
    const rows = a[name][0]?.length ?? 0;
    for (const run of [...a[name], ...b[name]]) {
      if (run.length !== rows || rows === 0) {
        throw new RangeError(
          `Cannot compare scores: all runs need the same rows of ${name}, current counts are ${rows} and ${run.length}`,
        );
      }
      const odd = run.findIndex((value) => !Number.isFinite(value));
      if (odd >= 0) {
        throw new RangeError(
          `Cannot compare scores: row ${odd} of ${name} must be finite, current value is ${run[odd]}`,
        );
      }
    }
    for (const [who, all] of Object.entries({ a, b })) {
      const [one, other] = [all[names[0]].length, all[name].length];
      if (one === other && one > 0) continue;
      throw new RangeError(
        `Cannot compare scores: ${who} needs the same runs on all sets, at least one, current counts are ${one} and ${other}`,
      );
    }
  }
  return names.map((name) => ({ name, a: a[name], b: b[name] }));
}

function meanOf(scores: SetScores, runs: readonly number[], rows: readonly number[]): number {
  let sum = 0;
  for (const run of runs) for (const row of rows) sum += scores[run][row];
  return sum / (runs.length * rows.length);
}

/** Linear interpolation between the order statistics, as NumPy's default. */
function quantile(sorted: Float64Array, at: number): number {
  const place = at * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
}
