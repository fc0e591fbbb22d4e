/**
 * The assistant found without its formula: by minimising the divergence that defines it.
 *
 * @module
 */
import { type AlphaMixtureOptions, checkAlphaMixture } from "../assistants/alpha_mixture.ts";
import type { LogPair } from "./assistant_float64.ts";

/** Options for {@linkcode leastDivergence}. */
export interface LeastDivergenceOptions extends AlphaMixtureOptions {
  /**
   * Steps after which it gives up.
   *
   * @default {2000}
   */
  maxSteps?: number;
}

/** Where the sum of divergences is least. */
export interface LeastDivergence {
  /** The distribution found. */
  probs: number[];
  /** The value there. */
  value: number;
  /** The value after each step, the first before any. */
  values: number[];
}

/**
 * Finds the distribution r for which `λ D_α(p‖r) + (1−λ) D_α(q‖r)` is least, with Amari's α-divergence, by Newton's
 * method on the simplex from the uniform distribution. It uses the divergence and its derivatives only.
 *
 * The sum is convex and separates into tokens, so that a Newton step on the simplex is `δ_i = −(g_i − μ) / h_i`, with μ
 * such that `Σδ = 0`; a step is shortened until no probability shrinks below a tenth and the value does not rise.
 *
 * @param pair `log p` and `log q`, finite: where one excludes a token, the derivatives have no end.
 * @param options Order and weight; how long to try.
 * @returns The minimiser.
 * @throws {RangeError} If a log-probability or α is not finite, or an option is invalid.
 * @throws {Error} If it is not found within the steps.
 *
 * Source: S. Amari, "Integration of Stochastic Models by Minimizing α-Divergence", 2007.
 *
 * @example At α = −1 it is the arithmetic mean
 * ```ts
 * import assert from "node:assert/strict";
 * import { leastDivergence } from "@amid/amid/analysis";
 *
 * const coins = { teacher: [0.9, 0.1].map(Math.log), student: [0.5, 0.5].map(Math.log) };
 * assert(Math.abs(leastDivergence(coins, { alpha: -1, lambda: 0.5 }).probs[0] - 0.7) < 1e-9);
 * ```
 */
export function leastDivergence(pair: LogPair, options: LeastDivergenceOptions): LeastDivergence {
  const { alpha, lambda, maxSteps = 2000 } = options;
  checkAlphaMixture(options);
  const finite = [...pair.teacher, ...pair.student, alpha].find((value) => !Number.isFinite(value));
  if (finite !== undefined) {
    throw new RangeError(`Cannot minimise: α and log-probabilities must be finite, current value is ${finite}`);
  }
  const terms = pair.teacher.map((a, i) => termOf([a, pair.student[i]], { alpha, lambda }));
  let probs = terms.map(() => 1 / terms.length);
  const valueAt = (probs: readonly number[]) => probs.reduce((sum, r, i) => sum + terms[i](r).value, 0);
  const values = [valueAt(probs)];
  for (let step = 0; step < maxSteps; step++) {
    const slopes = probs.map((r, i) => terms[i](r));
    const inverse = slopes.reduce((sum, { curvature }) => sum + 1 / curvature, 0);
    const multiplier = slopes.reduce((sum, { slope, curvature }) => sum + slope / curvature, 0) / inverse;
    const change = slopes.map(({ slope, curvature }) => (multiplier - slope) / curvature);
    if (change.every((delta, i) => Math.abs(delta) <= 1e-10 * probs[i])) {
      return { probs, value: values.at(-1)!, values };
    }
    const shrinking = change.map((delta, i) => delta < 0 ? -0.9 * probs[i] / delta : Infinity);
    let length = shrinking.reduce((least, bound) => Math.min(least, bound), 1);
    let next = probs;
    let value = Infinity;
    for (const limit = length * 1e-9; length > limit; length /= 2) {
      next = probs.map((r, i) => r + length * change[i]);
      value = valueAt(next);
      if (value <= values.at(-1)! + 1e-15 * Math.abs(values.at(-1)!)) break;
    }
    probs = next;
    values.push(value);
  }
  throw new Error(`Cannot minimise: no minimum was found in ${maxSteps} steps at α = ${alpha}, λ = ${lambda}`);
}

interface Term {
  value: number;
  slope: number;
  curvature: number;
}

/** One token's share of `λ D_α(p‖r) + (1−λ) D_α(q‖r)` as a function of r, with two derivatives. */
function termOf([a, b]: [number, number], { alpha, lambda }: AlphaMixtureOptions): (r: number) => Term {
  const [p, q] = [Math.exp(a), Math.exp(b)];
  if (alpha === -1) {
    const mixed = lambda * p + (1 - lambda) * q;
    const constant = lambda * p * a + (1 - lambda) * q * b;
    return (r) => ({ value: constant - mixed * Math.log(r), slope: -mixed / r, curvature: mixed / r ** 2 });
  }
  if (alpha === 1) {
    const mixed = lambda * a + (1 - lambda) * b;
    return (r) => ({ value: r * (Math.log(r) - mixed), slope: Math.log(r) - mixed + 1, curvature: 1 / r });
  }
  // Σx = 1, whereby 4/(1−α²) (1 − Σ …) shares its 1 among the tokens as the means of p and q, which is a constant.
  const [e, f, scale] = [(1 - alpha) / 2, (1 + alpha) / 2, 4 / (1 - alpha ** 2)];
  const mixed = lambda * Math.exp(e * a) + (1 - lambda) * Math.exp(e * b);
  const constant = scale * (lambda * p + (1 - lambda) * q);
  return (r) => {
    const power = scale * mixed * r ** f;
    return { value: constant - power, slope: -f * power / r, curvature: -f * (f - 1) * power / r ** 2 };
  };
}
