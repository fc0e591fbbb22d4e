/**
 * Amari's α-divergence.
 *
 * @module
 */
import { checkArguments, objectWith } from "../arguments/check_arguments.ts";
import type * as tf from "@tensorflow/tfjs-core";
import { alphaBetaDivergence } from "./alpha_beta.ts";
import { type Divergence, perToken } from "./divergence.ts";

/** The parameter of {@linkcode amari}. */
export interface AmariOptions {
  /** Any real number; −1 gives KL(x‖y), 1 gives KL(y‖x), 0 four times the squared Hellinger distance. */
  alpha: number;
}

/**
 * {@linkcode amari} with its partial derivatives: the αβ-divergence at `((1−α)/2, (1+α)/2)`.
 *
 * @throws {RangeError} If α is not finite.
 */
export function amariDivergence(options: AmariOptions): Divergence {
  checkArguments("use the α-divergence", { options: [options, objectWith("alpha")] });
  const { alpha } = options;
  const form = alphaBetaDivergence({ alpha: (1 - alpha) / 2, beta: (1 + alpha) / 2 });
  return { ...form, name: "amari", parameters: { alpha } };
}

/**
 * Computes `D_α(x‖y) = 4/(1−α²) (1 − Σ x_i^((1−α)/2) y_i^((1+α)/2))` per token; at α = ±1 its limits.
 *
 * The α-mixture r of p and q is the distribution that minimises `λ D_α(p‖r) + (1−λ) D_α(q‖r)`.
 *
 * @param x Log-probabilities, float32 `[..., V]`.
 * @param y Log-probabilities, float32 `[..., V]`.
 * @returns float32 `[...]`, at least 0. If a power is negative, the exponentials are capped at e^40.
 * @throws {RangeError} If the shapes differ or α is not finite.
 *
 * Source: S. Amari, "Differential-Geometrical Methods in Statistics", 1985.
 *
 * @example At α = −1 it is the Kullback–Leibler divergence
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core";
 * import { useEngine } from "@amid/amid";
 * import { amari } from "@amid/amid/divergences";
 *
 * await useEngine("cpu");
 * const value = amari(tf.log([1, 0]), tf.log([0.5, 0.5]), { alpha: -1 });
 * console.log(value.dataSync()[0]); // log 2
 * ```
 */
export function amari(x: tf.Tensor, y: tf.Tensor, options: AmariOptions): tf.Tensor {
  return perToken(amariDivergence(options), [x, y]);
}
