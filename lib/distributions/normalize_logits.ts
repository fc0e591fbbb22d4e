/**
 * Logits as distributions.
 *
 * Kernel an engine may offer: `NormalizeLogits { logits } { floor } → [logProbs, probs]`, along the last axis, each
 * log-probability at least `floor`, and a row that has NaN, +∞ or only −∞ becomes NaN.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { hasKernel, runKernel } from "../kernels/fused.ts";
import { isRecording } from "../kernels/tape.ts";

/** Below this a log-probability can only come from a logit of −∞ or its stand-in. */
export const EXCLUDED = -1e10;

/**
 * Normalises logits. A logit of −∞ is a token of probability 0; a row with NaN, with +∞ or with −∞ alone becomes NaN.
 * Nothing is recorded on a tape as one operation: where a gradient is needed, the caller provides it.
 *
 * @param logits float32 `[..., V]`.
 * @param floor The stand-in for the logarithm of zero; finite.
 * @returns Natural logarithms and probabilities, float32 `[..., V]`.
 */
export function normalizeLogits(logits: tf.Tensor, floor: number): { logProbs: tf.Tensor; probs: tf.Tensor } {
  if (hasKernel("NormalizeLogits") && !isRecording()) {
    const [logProbs, probs] = runKernel<tf.Tensor[]>("NormalizeLogits", { logits }, { floor });
    return { logProbs, probs };
  }
  return tf.tidy(() => {
    const largest = tf.max(logits, -1, true);
    // The wasm engine's clip turns NaN into a bound; the row's maximum, which preserves it, restores it.
    const shifted = tf.sub(tf.clipByValue(logits, floor, -floor), largest);
    const probs = tf.softmax(shifted);
    // One exponential fewer than with the sum: log Σ exp(z − max z) = −log max p.
    const logLargest = tf.where(tf.less(largest, EXCLUDED), NaN, tf.log(tf.max(probs, -1, true)));
    return { logProbs: tf.add(shifted, logLargest), probs };
  });
}
