/**
 * The total variation distance.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { type Divergence, perToken, total } from "./divergence.ts";

/** {@linkcode totalVariation} with its partial derivatives, `½ x sign(x − y)` and `−½ y sign(x − y)`. */
export const totalVariationDivergence: Divergence = {
  name: "total-variation",
  partials(x, y, wanted) {
    const difference = tf.sub(x.probs, y.probs);
    const halfSign = tf.mul(tf.sign(difference), 0.5);
    return {
      values: total(tf.mul(difference, halfSign)),
      dx: wanted.x ? tf.mul(x.probs, halfSign) : undefined,
      dy: wanted.y ? tf.neg(tf.mul(y.probs, halfSign)) : undefined,
    };
  },
};

/**
 * Computes `½ Σ |x_i − y_i|` per token. Where `x_i = y_i` the derivative is taken as 0.
 *
 * @param x Log-probabilities, float32 `[..., V]`.
 * @param y Log-probabilities, float32 `[..., V]`.
 * @returns float32 `[...]`, in 0..1.
 * @throws {RangeError} If the shapes differ.
 *
 * Source: D. A. Levin and Y. Peres, "Markov Chains and Mixing Times", 2nd edition, 2017, proposition 4.2.
 *
 * @example A certain outcome against a fair coin
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core";
 * import { useEngine } from "@amid/amid";
 * import { totalVariation } from "@amid/amid/divergences";
 *
 * await useEngine("cpu");
 * console.log(totalVariation(tf.log([1, 0]), tf.log([0.5, 0.5])).dataSync()[0]); // 0.5
 * ```
 */
export function totalVariation(x: tf.Tensor, y: tf.Tensor): tf.Tensor {
  return perToken(totalVariationDivergence, [x, y]);
}
