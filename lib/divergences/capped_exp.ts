/**
 * An exponential that float32 can hold: from {@linkcode CAP} on it continues along its tangent.
 *
 * Divergences with negative powers, χ² among them, hold ratios of probabilities; at logits of ±100 these reach e^400,
 * where float32 ends at e^88 and the square of a gradient at e^44. The tangent keeps values and gradients finite,
 * continuous and growing; and because the function stays convex, the divergences stay nonnegative.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";

/** Where the exponential leaves off; e^40 is 2.4e17. */
export const CAP = 40;

/** `h(z)`: `e^z` up to the cap, then `e^CAP (1 + z − CAP)`. */
export function cappedExp(z: tf.Tensor): tf.Tensor {
  return tf.tidy(() => tf.mul(cappedExpSlope(z), tf.add(tf.relu(tf.sub(z, CAP)), 1)));
}

/** `h'(z)`: `e^z` up to the cap, then `e^CAP`. */
export function cappedExpSlope(z: tf.Tensor): tf.Tensor {
  return tf.tidy(() => tf.exp(tf.minimum(z, CAP)));
}

/** `h''(z)`: `e^z` up to the cap, then 0. */
export function cappedExpCurvature(z: tf.Tensor): tf.Tensor {
  return tf.tidy(() => tf.mul(cappedExpSlope(z), tf.step(tf.sub(CAP, z))));
}
