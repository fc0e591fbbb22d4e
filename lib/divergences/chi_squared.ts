/**
 * Pearson's χ²-divergence.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { alphaBetaDivergence } from "./alpha_beta.ts";
import { type Divergence, perToken } from "./divergence.ts";

const half = alphaBetaDivergence({ alpha: 2, beta: -1 });

/** {@linkcode chiSquared} with its partial derivatives: twice the αβ-divergence at (2, −1). */
export const chiSquaredDivergence: Divergence = {
  name: "chi-squared",
  partials(x, y, wanted) {
    const { values, dx, dy } = half.partials(x, y, wanted);
    const twice = (tensor?: tf.Tensor): tf.Tensor | undefined => tensor && tf.mul(tensor, 2);
    return { values: tf.mul(values, 2), dx: twice(dx), dy: twice(dy) };
  },
};

/**
 * Computes `χ²(x‖y) = Σ (x_i − y_i)² / y_i = Σ x_i²/y_i − 1` per token.
 *
 * A ratio `x_i²/y_i` above e^40 (2.4e17) continues along the exponential's tangent, growing with its logarithm, so that
 * value and gradient stay finite in float32 (see `capped_exp.ts`); infinite where y excludes a token that x allows.
 *
 * @param x Log-probabilities, float32 `[..., V]`.
 * @param y Log-probabilities, float32 `[..., V]`.
 * @returns float32 `[...]`, at least 0.
 * @throws {RangeError} If the shapes differ.
 *
 * Source: K. Pearson, "On the criterion that a given system of deviations from the probable in the case of a correlated
 * system of variables is such that it can be reasonably supposed to have arisen from random sampling", 1900.
 *
 * @example A certain outcome against a fair coin
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core";
 * import { useEngine } from "@amid/amid";
 * import { chiSquared } from "@amid/amid/divergences";
 *
 * await useEngine("cpu");
 * console.log(chiSquared(tf.log([1, 0]), tf.log([0.5, 0.5])).dataSync()[0]); // 1
 * ```
 */
export function chiSquared(x: tf.Tensor, y: tf.Tensor): tf.Tensor {
  return perToken(chiSquaredDivergence, [x, y]);
}
