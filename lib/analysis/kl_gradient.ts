/**
 * KL between two of teacher, student and assistant with its gradient in closed form, in double precision.
 *
 * @module
 */
import type { AlphaMixtureOptions } from "../assistants/alpha_mixture.ts";
import type { Order } from "../objectives/composition.ts";
import { assistantFloat64, type LogPair } from "./assistant_float64.ts";

/** Options for {@linkcode klGradient}. */
export interface KlGradientOptions extends AlphaMixtureOptions {
  /** The two arguments of the divergence. */
  order: Order;
}

/** A divergence and its gradient. */
export interface PlainGradient {
  /** The divergence in nats. */
  value: number;
  /** Its derivative in each of the student's logits. */
  gradient: number[];
}

/**
 * Computes `KL(x‖y)` for an order of p, q and r, and its gradient in the student's logits: with `G = ∂D/∂log r` the path
 * through r is `(G_i − r_i ΣG) ω_i`; the direct path is added where q is an argument; then `∂D/∂z_k = A_k − q_k ΣA`.
 * For `KL(p‖r)` that is `A_i = −(p_i − r_i) ω_i`.
 *
 * @param pair `log p` and `log q`, finite wherever the divergence is.
 * @param options Order of the arguments, order and weight of the mixture.
 * @returns The value and the gradient in float64.
 * @throws {RangeError} If the lengths differ or an option is invalid.
 *
 * Source: "AMiD: Knowledge Distillation for LLMs with α-mixture Assistant Distribution", 2025, arXiv 2510.15982.
 *
 * @example With λ = 0 the assistant is the student, and KL(p‖q) has the gradient q − p
 * ```ts
 * import assert from "node:assert/strict";
 * import { klGradient } from "@amid/amid/analysis";
 *
 * const coins = { teacher: [0.9, 0.1].map(Math.log), student: [0.5, 0.5].map(Math.log) };
 * const { gradient } = klGradient(coins, { order: "pr", alpha: 0.5, lambda: 0 });
 * assert(Math.abs(gradient[0] + 0.4) < 1e-12);
 * ```
 */
export function klGradient(pair: LogPair, { order, alpha, lambda }: KlGradientOptions): PlainGradient {
  const { logProbs, weight } = assistantFloat64(pair, { alpha, lambda });
  const places: Record<string, readonly number[]> = { p: pair.teacher, q: pair.student, r: logProbs };
  const [first, second] = [...order].map((letter) => places[letter]);
  const [x, y] = [first.map(Math.exp), second.map(Math.exp)];
  // A token that x excludes contributes nothing, whatever its probability under y.
  const ratio = first.map((logX, i) => x[i] === 0 ? 0 : logX - second[i]);
  const value = sum(x.map((share, i) => share * ratio[i]));
  const partials: [string, number[]][] = [
    // Normalisation takes out the constant 1 of the derivative of x log x.
    [order[0], x.map((share, i) => share * ratio[i])],
    [order[1], y.map((_, i) => -x[i])],
  ];
  const direction = new Array<number>(logProbs.length).fill(0);
  for (const [letter, partial] of partials) {
    if (letter === "q") partial.forEach((g, i) => direction[i] += g);
    if (letter !== "r") continue;
    const through = sum(partial);
    partial.forEach((g, i) => direction[i] += (g - Math.exp(logProbs[i]) * through) * weight[i]);
  }
  const total = sum(direction);
  return { value, gradient: direction.map((a, i) => a - Math.exp(pair.student[i]) * total) };
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
