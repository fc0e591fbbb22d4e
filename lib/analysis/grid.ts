/**
 * Distributions on a line of points, simple enough to show what an assistant does.
 *
 * @module
 */

/** Options for {@linkcode lineOfPoints}. */
export interface LineOfPointsOptions {
  /** The first point. */
  from: number;
  /** The last point. */
  to: number;
  /** How many there are, at least 2. */
  count: number;
}

/**
 * Makes points at equal distances.
 *
 * @param options The ends and the number of points.
 * @returns The points, both ends among them.
 * @throws {RangeError} If there are fewer than two or an end is not finite.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { lineOfPoints } from "@amid/amid/analysis";
 *
 * assert.deepEqual(lineOfPoints({ from: -1, to: 1, count: 5 }), [-1, -0.5, 0, 0.5, 1]);
 * ```
 */
export function lineOfPoints({ from, to, count }: LineOfPointsOptions): number[] {
  if (!(Number.isInteger(count) && count >= 2)) {
    throw new RangeError(
      `Cannot make a line of points: count must be a whole number from 2, current value is ${count}`,
    );
  }
  if (!Number.isFinite(from) || !Number.isFinite(to)) {
    throw new RangeError(`Cannot make a line of points: its ends must be finite, current values are ${from} and ${to}`);
  }
  return Array.from({ length: count }, (_, i) => from + (to - from) * i / (count - 1));
}

/** One bell of a {@linkcode gaussianMixture}. */
export interface Bell {
  /** Its middle μ. */
  mean: number;
  /** Its standard deviation σ, above 0. */
  deviation: number;
  /**
   * Its share, before normalisation.
   *
   * @default {1}
   */
  share?: number;
}

/**
 * Computes the log-probabilities of a mixture of Gaussians on a line of points, `p_i ∝ Σ_k w_k N(x_i; μ_k, σ_k)`.
 *
 * @param points The points x.
 * @param bells The Gaussians; one alone is a plain Gaussian.
 * @returns `log p`, normalised over the points.
 * @throws {RangeError} If there is no bell, or one has no positive deviation or share.
 *
 * @example A bell is highest in its middle
 * ```ts
 * import assert from "node:assert/strict";
 * import { gaussianMixture } from "@amid/amid/analysis";
 *
 * const logP = gaussianMixture([-1, 0, 1], [{ mean: 0, deviation: 1 }]);
 * assert(logP[1] > logP[0] && Math.abs(logP[0] - logP[2]) < 1e-12);
 * ```
 */
export function gaussianMixture(points: readonly number[], bells: readonly Bell[]): number[] {
  if (bells.length === 0) throw new RangeError("Cannot mix Gaussians: a bell is needed, current number is 0");
  for (const { mean, deviation, share = 1 } of bells) {
    if (!(deviation > 0 && share > 0 && Number.isFinite(mean + deviation + share))) {
      throw new RangeError(
        `Cannot mix Gaussians: deviation and share must be positive, current values are ${deviation} and ${share}`,
      );
    }
  }
  const logBell = (x: number, { mean, deviation, share = 1 }: Bell) =>
    Math.log(share / deviation) - ((x - mean) / deviation) ** 2 / 2;
  return normalized(points.map((x) => logSumExp(bells.map((bell) => logBell(x, bell)))));
}

/**
 * Computes the log-probabilities of a hump that is zero outside an interval, `p_i ∝ 1 − ((x_i − μ)/w)²`.
 *
 * @param points The points x.
 * @param hump Its middle μ and its half-width w.
 * @returns `log p`, −∞ outside the interval.
 * @throws {RangeError} If no point lies inside.
 */
export function hump(points: readonly number[], { mean, halfWidth }: { mean: number; halfWidth: number }): number[] {
  const heights = points.map((x) => Math.log(Math.max(0, 1 - ((x - mean) / halfWidth) ** 2)));
  if (!heights.some(Number.isFinite)) {
    throw new RangeError(`Cannot make a hump: a point must lie within ${halfWidth} of ${mean}, none does`);
  }
  return normalized(heights);
}

/** Makes logits log-probabilities. */
export function normalized(logits: readonly number[]): number[] {
  const total = logSumExp(logits);
  return logits.map((logit) => logit - total);
}

/** `log Σ exp`, −∞ where every term is. */
export function logSumExp(values: readonly number[]): number {
  const largest = values.reduce((most, value) => Math.max(most, value), -Infinity);
  if (!Number.isFinite(largest)) return largest;
  return largest + Math.log(values.reduce((sum, value) => sum + Math.exp(value - largest), 0));
}
