/**
 * The Kullback–Leibler divergence.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { type Divergence, infiniteWhereExcluded, perToken, total } from "./divergence.ts";

/** {@linkcode kl} with its partial derivatives: `∂D/∂log x = x (log x/y + 1)`, `∂D/∂log y = −y·(x/y) = −x`. */
export const klDivergence: Divergence = {
  name: "kl",
  kernel: { name: "kl" },
  linearInFirst: true,
  partials(x, y, wanted) {
    const terms = tf.mul(x.probs, tf.sub(x.logProbs, y.logProbs));
    return {
      values: infiniteWhereExcluded(total(terms)),
      dx: wanted.x ? tf.add(terms, x.probs) : undefined,
      dy: wanted.y ? tf.neg(x.probs) : undefined,
    };
  },
};

/**
 * Computes `KL(x‖y) = Σ x_i log(x_i / y_i)` per token, including the entropy of `x`.
 *
 * A token with `x_i = 0` contributes nothing; one with `x_i > 0` and `y_i = 0` makes the value infinite.
 *
 * @param x Log-probabilities, float32 `[..., V]`.
 * @param y Log-probabilities, float32 `[..., V]`.
 * @returns float32 `[...]`, in nats, at least 0.
 * @throws {RangeError} If the shapes differ.
 *
 * Source: S. Kullback and R. A. Leibler, "On information and sufficiency", 1951.
 *
 * @example A certain outcome against a fair coin
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core";
 * import { useEngine } from "@amid/amid";
 * import { kl } from "@amid/amid/divergences";
 *
 * await useEngine("cpu");
 * console.log(kl(tf.log([1, 0]), tf.log([0.5, 0.5])).dataSync()[0]); // log 2
 * ```
 */
export function kl(x: tf.Tensor, y: tf.Tensor): tf.Tensor {
  return perToken(klDivergence, [x, y]);
}
