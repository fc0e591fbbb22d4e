/**
 * Jeffreys' divergence.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { type Divergence, infiniteWhereExcluded, perToken, total } from "./divergence.ts";

/** {@linkcode jeffreys} with its partial derivatives, `x log(x/y) + x − y` and `y log(y/x) + y − x`. */
export const jeffreysDivergence: Divergence = {
  name: "jeffreys",
  partials(x, y, wanted) {
    const logRatio = tf.sub(x.logProbs, y.logProbs);
    const difference = tf.sub(x.probs, y.probs);
    return {
      values: infiniteWhereExcluded(total(tf.mul(difference, logRatio))),
      dx: wanted.x ? tf.add(tf.mul(x.probs, logRatio), difference) : undefined,
      dy: wanted.y ? tf.neg(tf.add(tf.mul(y.probs, logRatio), difference)) : undefined,
    };
  },
};

/**
 * Computes `KL(x‖y) + KL(y‖x) = Σ (x_i − y_i) log(x_i / y_i)` per token.
 *
 * @param x Log-probabilities, float32 `[..., V]`.
 * @param y Log-probabilities, float32 `[..., V]`.
 * @returns float32 `[...]`, in nats, at least 0; infinite where only one of the two allows a token.
 * @throws {RangeError} If the shapes differ.
 *
 * Source: H. Jeffreys, "An invariant form for the prior probability in estimation problems", 1946.
 *
 * @example Two coins
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core";
 * import { useEngine } from "@amid/amid";
 * import { jeffreys } from "@amid/amid/divergences";
 *
 * await useEngine("cpu");
 * const value = jeffreys(tf.log([0.8, 0.2]), tf.log([0.2, 0.8]));
 * console.log(value.dataSync()[0]); // 1.2 log 4
 * ```
 */
export function jeffreys(x: tf.Tensor, y: tf.Tensor): tf.Tensor {
  return perToken(jeffreysDivergence, [x, y]);
}
