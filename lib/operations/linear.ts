/**
 * A linear map of each position.
 *
 * Kernel an engine may offer: `Linear { x, weight, bias? } { transposeWeight } → y`.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { hasKernel, runKernel } from "./fused.ts";

/** Options for {@linkcode linear}. */
export interface LinearOptions {
  /** float32 `[O]`. */
  bias?: tf.Tensor;
  /**
   * Whether the weight is laid out `[O, I]`, as most families have it; GPT-2 has `[I, O]`.
   *
   * @default {false}
   */
  transposeWeight?: boolean;
}

tf.registerGradient({
  kernelName: "Linear",
  inputsToSave: ["x", "weight"],
  gradFunc: (dys, [x, weight], attrs) => {
    const dy = dys as tf.Tensor2D;
    const { transposeWeight } = attrs as unknown as { transposeWeight: boolean };
    return {
      x: () => tf.matMul(dy, weight as tf.Tensor2D, false, !transposeWeight),
      weight: () =>
        transposeWeight ? tf.matMul(dy, x as tf.Tensor2D, true, false) : tf.matMul(x as tf.Tensor2D, dy, true, false),
      bias: () => tf.sum(dy, 0),
    };
  },
});

/**
 * Computes `x · weight + bias`.
 *
 * @param x float32 `[S, I]`.
 * @param weight float32 `[I, O]`, or `[O, I]` with `transposeWeight`.
 * @returns float32 `[S, O]`.
 */
export function linear(x: tf.Tensor, weight: tf.Tensor, options: LinearOptions = {}): tf.Tensor {
  const { bias, transposeWeight = false } = options;
  if (hasKernel("Linear")) {
    return runKernel<tf.Tensor>("Linear", bias ? { x, weight, bias } : { x, weight }, { transposeWeight });
  }
  const product = tf.matMul(x as tf.Tensor2D, weight as tf.Tensor2D, false, transposeWeight);
  return bias ? tf.add(product, bias) : product;
}
