/**
 * Storage of a tensor in fewer bits.
 *
 * Kernel an engine may offer: `LowPrecision { x } → y`, the same numbers rounded to bfloat16; to tensorflow.js it is
 * float32 as before.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { hasKernel, runKernel } from "../kernels/fused.ts";

/**
 * The tensor in half the memory, where the engine in use can store it so; else the tensor as it is. Products with it
 * are computed in bfloat16 for any precision of the engine. For the matrices of a model that is not trained.
 *
 * @param x float32, any shape.
 * @returns float32, the shape of `x`; numbers are rounded to eight significant bits where stored so.
 */
export function lowPrecision(x: tf.Tensor): tf.Tensor {
  return hasKernel("LowPrecision") ? runKernel<tf.Tensor>("LowPrecision", { x }) : tf.clone(x);
}
