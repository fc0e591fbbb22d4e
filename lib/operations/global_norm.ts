/**
 * The Euclidean norm of many tensors taken as one vector.
 *
 * Kernel an engine may offer: `GlobalNorm [tensors…] {} → norm`, a scalar.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { hasKernel, runKernel } from "../kernels/fused.ts";

/**
 * Computes `sqrt(Σ x²)` over all elements of all tensors.
 *
 * @param tensors float32, any shapes; at least one.
 * @returns A scalar, float32.
 */
export function globalNorm(tensors: readonly tf.Tensor[]): tf.Scalar {
  if (hasKernel("GlobalNorm")) return runKernel<tf.Scalar>("GlobalNorm", [...tensors]);
  return tf.tidy(() => tf.sqrt(tf.addN(tensors.map((x) => tf.sum(tf.square(x))))) as tf.Scalar);
}
