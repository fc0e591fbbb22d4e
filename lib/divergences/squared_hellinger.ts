/**
 * The squared Hellinger distance.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { type Divergence, perToken, total } from "./divergence.ts";

/** {@linkcode squaredHellinger} with its partial derivatives, `½ √x (√x − √y)` and `½ √y (√y − √x)`. */
export const squaredHellingerDivergence: Divergence = {
  name: "squared-hellinger",
  partials(x, y, wanted) {
    const [rootX, rootY] = [tf.sqrt(x.probs), tf.sqrt(y.probs)];
    const halfDifference = tf.mul(tf.sub(rootX, rootY), 0.5);
    return {
      values: total(tf.mul(tf.square(halfDifference), 2)),
      dx: wanted.x ? tf.mul(rootX, halfDifference) : undefined,
      dy: wanted.y ? tf.neg(tf.mul(rootY, halfDifference)) : undefined,
    };
  },
};

/**
 * Computes `½ Σ (√x_i − √y_i)² = 1 − Σ √(x_i y_i)` per token.
 *
 * @param x Log-probabilities, float32 `[..., V]`.
 * @param y Log-probabilities, float32 `[..., V]`.
 * @returns float32 `[...]`, in 0..1.
 * @throws {RangeError} If the shapes differ.
 *
 * Source: E. Hellinger, "Neue Begründung der Theorie quadratischer Formen von unendlichvielen Veränderlichen", 1909.
 *
 * @example Two certain outcomes that exclude each other
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core";
 * import { useEngine } from "@amid/amid";
 * import { squaredHellinger } from "@amid/amid/divergences";
 *
 * await useEngine("cpu");
 * console.log(squaredHellinger(tf.log([1, 0]), tf.log([0, 1])).dataSync()[0]); // 1
 * ```
 */
export function squaredHellinger(x: tf.Tensor, y: tf.Tensor): tf.Tensor {
  return perToken(squaredHellingerDivergence, [x, y]);
}
