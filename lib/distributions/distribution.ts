/**
 * A next-token distribution in the form that this library's formulas use.
 *
 * Shapes: `V` is the vocabulary; `[...]` any leading axes.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { EXCLUDED, normalizeLogits } from "./normalize_logits.ts";

/**
 * Stands for the logarithm of zero. It is finite, so that `0 · log 0` is 0 and `log 0 − log 0` is 0, and so low that its
 * exponential, or that of any multiple above a billionth of a billionth of it, is 0.
 */
export const LOG_ZERO = -1e30;

/** One distribution over the vocabulary at each position. */
export interface Distribution {
  /** Natural logarithms, float32 `[..., V]`, with {@linkcode LOG_ZERO} for tokens of probability 0. */
  readonly logProbs: tf.Tensor;
  /** The probabilities, float32 `[..., V]`. */
  readonly probs: tf.Tensor;
}

/**
 * Normalises logits. A logit of −∞ is a token of probability 0; a row with NaN, with +∞ or with −∞ alone becomes NaN.
 *
 * @param logits float32 `[..., V]`.
 */
export function fromLogits(logits: tf.Tensor): Distribution {
  return normalizeLogits(logits, LOG_ZERO);
}

/**
 * Takes log-probabilities as they are; −∞ becomes {@linkcode LOG_ZERO}, NaN propagates over its row.
 *
 * @param logProbs float32 `[..., V]`, each row normalised.
 */
export function fromLogProbs(logProbs: tf.Tensor): Distribution {
  return tf.tidy(() => {
    const zero = tf.mul(tf.max(logProbs, -1, true), 0);
    const floored = tf.add(tf.clipByValue(logProbs, LOG_ZERO, -LOG_ZERO), zero);
    return { logProbs: floored, probs: tf.exp(floored) };
  });
}

/** Restores −∞ where a token has probability 0. */
export function withInfinities(logProbs: tf.Tensor): tf.Tensor {
  return tf.tidy(() => tf.where(tf.less(logProbs, EXCLUDED), tf.fill(logProbs.shape, -Infinity), logProbs));
}
