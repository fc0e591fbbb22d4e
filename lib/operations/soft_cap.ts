/**
 * Numbers kept within bounds, smoothly.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";

/**
 * Computes `cap · tanh(x / cap)`.
 *
 * @param x float32, any shape.
 * @param cap What the result stays below in size; `x` itself is the result where it is undefined or 0.
 * @returns float32, the shape of `x`.
 *
 * Source: Gemma Team, "Gemma 2: improving open language models at a practical size", 2024, section 2.
 */
export function softCap(x: tf.Tensor, cap?: number): tf.Tensor {
  return cap ? tf.mul(tf.tanh(tf.div(x, cap)), cap) : x;
}

/**
 * Computes the gradient at the input from that at the result: the slope is `1 − (y / cap)²`.
 *
 * @param dy The gradient at the result.
 * @param y The result.
 * @returns float32, the shape of `y`.
 */
export function softCapGradient(dy: tf.Tensor, y: tf.Tensor, cap?: number): tf.Tensor {
  return cap ? tf.mul(dy, tf.sub(1, tf.square(tf.div(y, cap)))) : dy;
}
