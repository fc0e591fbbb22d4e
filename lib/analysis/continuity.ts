/**
 * How far assistants are from the geometric mean, near α = 1.
 *
 * @module
 */
import { assistantFloat64, type LogPair } from "./assistant_float64.ts";
import { assistantsOf } from "./toy_assistants.ts";

/** How far an assistant is from the geometric mean. */
export interface ContinuityPoint {
  /** `α − 1`, not 0. */
  offset: number;
  /** `max |r_α − r_1|`, by the library in float32. */
  distance: number;
  /** The same in float64. */
  exact: number;
}

/**
 * Measures `max_i |r_α − r_1|` on either side of α = 1, by the library on the engine in use and in float64.
 *
 * @param pair `log p` and `log q`.
 * @param options The distances |α − 1| and the teacher's weight.
 * @returns A point for each distance on each side.
 *
 * @example It goes to 0
 * ```ts
 * import assert from "node:assert/strict";
 * import { useEngine } from "@amid/amid";
 * import { continuityAtOne, toyPair } from "@amid/amid/analysis";
 *
 * await useEngine("cpu");
 * const [below] = continuityAtOne(toyPair("gaussians"), { distances: [1e-4], lambda: 0.5 });
 * assert(below.distance < 1e-4);
 * ```
 */
export function continuityAtOne(
  pair: LogPair,
  { distances, lambda }: { distances: readonly number[]; lambda: number },
): ContinuityPoint[] {
  const offsets = distances.flatMap((distance) => [-distance, distance]);
  const probs = (logProbs: readonly number[]) => logProbs.map(Math.exp);
  const largest = (a: readonly number[], b: readonly number[]) =>
    Math.max(...a.map((value, i) => Math.abs(value - b[i])));
  const exact = (alpha: number) => probs(assistantFloat64(pair, { alpha, lambda }).logProbs);
  const [geometric, exactGeometric] = [assistantsOf(pair, { alphas: [1], lambdas: [lambda] })[0], exact(1)];
  const computed = assistantsOf(pair, { alphas: offsets.map((offset) => 1 + offset), lambdas: [lambda] });
  return offsets.map((offset, i) => ({
    offset,
    distance: largest(probs(computed[i].logProbs), probs(geometric.logProbs)),
    exact: largest(exact(1 + offset), exactGeometric),
  }));
}
