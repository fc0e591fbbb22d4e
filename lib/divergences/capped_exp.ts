/**
 * An exponential within float32's range: from {@linkcode CAP} on it continues along its tangent.
 *
 * Divergences with negative powers, χ² among them, contain ratios of probabilities; at logits of ±100 these reach
 * e^400, while float32 overflows at e^88 and the square of a gradient at e^44. The tangent keeps values and gradients
 * finite, continuous and increasing; because the function stays convex, the divergences stay nonnegative.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";

/** The exponent from which the tangent takes over; e^40 is 2.4e17. */
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
