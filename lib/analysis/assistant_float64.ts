/**
 * The α-mixture in double precision and plain arithmetic: the reference that the notebooks compare the library with, and
 * a fast way to do thousands of small fits.
 *
 * @module
 */
import type { AlphaMixtureOptions } from "../assistants/alpha_mixture.ts";
import { checkAlphaMixture } from "../assistants/alpha_mixture.ts";
import { normalized } from "./grid.ts";

/** Log-probabilities of teacher and student over the same tokens. */
export interface LogPair {
  /** `log p`, −∞ where a token is excluded. */
  teacher: readonly number[];
  /** `log q`. */
  student: readonly number[];
}

/** An assistant over a few tokens. */
export interface PlainAssistant {
  /** `log r`. */
  logProbs: number[];
  /** `ω = ∂log m/∂log q`, in 0..1; 1 − λ where p and q are both 0. */
  weight: number[];
}

/**
 * Computes `r_i ∝ m_i = (λ p_i^e + (1−λ) q_i^e)^(1/e)` with `e = (1−α)/2`, and its weights ω, by
 * `log m = c + log1p(λ expm1(e(a−c)) + (1−λ) expm1(e(b−c))) / e` near α = 1, where a = log p, b = log q, c = λa + (1−λ)b.
 *
 * @param pair Teacher and student.
 * @param options Order and weight of the mixture.
 * @returns `log r` and ω in float64.
 * @throws {RangeError} If the lengths differ or an option is invalid.
 *
 * @example The arithmetic mean of two coins
 * ```ts
 * import assert from "node:assert/strict";
 * import { assistantFloat64 } from "@amid/amid/analysis";
 *
 * const coins = { teacher: [0.9, 0.1].map(Math.log), student: [0.5, 0.5].map(Math.log) };
 * const { logProbs, weight } = assistantFloat64(coins, { alpha: -1, lambda: 0.5 });
 * assert(Math.abs(Math.exp(logProbs[0]) - 0.7) < 1e-12 && Math.abs(weight[0] - 0.5 / 1.4) < 1e-12);
 * ```
 */
export function assistantFloat64({ teacher, student }: LogPair, options: AlphaMixtureOptions): PlainAssistant {
  checkAlphaMixture(options);
  if (teacher.length !== student.length) {
    throw new RangeError(
      `Cannot mix: lengths must be equal, current values are ${teacher.length} and ${student.length}`,
    );
  }
  const tokens = teacher.map((a, i) => meanOf([a, student[i]], options));
  return { logProbs: normalized(tokens.map(({ logMean }) => logMean)), weight: tokens.map(({ weight }) => weight) };
}

interface Mean {
  logMean: number;
  weight: number;
}

function meanOf([a, b]: [number, number], { alpha, lambda }: AlphaMixtureOptions): Mean {
  if (lambda === 0) return { logMean: b, weight: 1 };
  if (lambda === 1) return { logMean: a, weight: 0 };
  if (a === b) return { logMean: a, weight: 1 - lambda };
  const exponent = (1 - alpha) / 2;
  if (!Number.isFinite(exponent)) {
    const studentLeads = exponent > 0 ? b > a : b < a;
    return { logMean: studentLeads ? b : a, weight: studentLeads ? 1 : 0 };
  }
  if (exponent === 0) return { logMean: lambda * a + (1 - lambda) * b, weight: 1 - lambda };
  // λ p^e : (1−λ) q^e, as the logit of 1 − ω.
  const gap = exponent * (a - b) + Math.log(lambda / (1 - lambda));
  const weight = 1 / (1 + Math.exp(gap));
  if (Math.abs(exponent * (a - b)) < 1) {
    const middle = lambda * a + (1 - lambda) * b;
    const [fromP, fromQ] = [a, b].map((x) => Math.expm1(exponent * (x - middle)));
    return { logMean: middle + Math.log1p(lambda * fromP + (1 - lambda) * fromQ) / exponent, weight };
  }
  const [larger, part] = gap > 0 ? [a, lambda] : [b, 1 - lambda];
  return { logMean: larger + (Math.log(part) + Math.log1p(Math.exp(-Math.abs(gap)))) / exponent, weight };
}
