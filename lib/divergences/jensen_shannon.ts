/**
 * The weighted Jensen–Shannon divergence.
 *
 * @module
 */
import { checkArguments, objectWith } from "../arguments/check_arguments.ts";
import * as tf from "@tensorflow/tfjs-core";
import { powerMean } from "../distributions/power_mean.ts";
import { type Divergence, perToken, total } from "./divergence.ts";

/** The parameter of {@linkcode jensenShannon}. */
export interface JensenShannonOptions {
  /** The weight of the first argument, above 0 and below 1. */
  beta: number;
}

/**
 * {@linkcode jensenShannon} of a fixed weight with its partial derivatives, `β x log(x/m)` and `(1−β) y log(y/m)`; their
 * sum over the vocabulary is the value.
 *
 * @throws {RangeError} If β is not above 0 and below 1.
 */
export function jensenShannonDivergence(options: JensenShannonOptions): Divergence {
  checkArguments("use the Jensen–Shannon divergence", { options: [options, objectWith("beta")] });
  const { beta } = options;
  if (!(beta > 0 && beta < 1)) {
    throw new RangeError(
      `Cannot use the Jensen–Shannon divergence: beta must be above 0 and below 1, current value is ${beta}`,
    );
  }
  return {
    name: "jensen-shannon",
    parameters: { beta },
    partials(x, y) {
      const { logMean } = powerMean([x.logProbs, y.logProbs], { alpha: -1, lambda: beta });
      const dx = tf.mul(tf.mul(x.probs, tf.sub(x.logProbs, logMean)), beta);
      const dy = tf.mul(tf.mul(y.probs, tf.sub(y.logProbs, logMean)), 1 - beta);
      return { values: total(tf.add(dx, dy)), dx, dy };
    },
  };
}

/**
 * Computes `β KL(x‖m) + (1−β) KL(y‖m)` with `m = βx + (1−β)y`, per token.
 *
 * @param x Log-probabilities, float32 `[..., V]`.
 * @param y Log-probabilities, float32 `[..., V]`.
 * @returns float32 `[...]`, in nats, from 0 to the entropy of a coin of weight β.
 * @throws {RangeError} If the shapes differ or β is not above 0 and below 1.
 *
 * Source: J. Lin, "Divergence measures based on the Shannon entropy", 1991.
 *
 * @example Two certain outcomes that exclude each other
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core";
 * import { useEngine } from "@amid/amid";
 * import { jensenShannon } from "@amid/amid/divergences";
 *
 * await useEngine("cpu");
 * const value = jensenShannon(tf.log([1, 0]), tf.log([0, 1]), { beta: 0.5 });
 * console.log(value.dataSync()[0]); // log 2
 * ```
 */
export function jensenShannon(x: tf.Tensor, y: tf.Tensor, options: JensenShannonOptions): tf.Tensor {
  return perToken(jensenShannonDivergence(options), [x, y]);
}
