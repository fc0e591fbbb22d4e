/**
 * A linear map of each position, optionally followed by an activation.
 *
 * Kernel an engine may offer: `Linear { x, weight, bias? } { transposeWeight, activation? } → y`; the activation is
 * given only where nothing is recorded on a tape. Or `BiasedProduct { x, weight, bias } { transposeWeight } → y`.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { activate, type ActivationFunction } from "./activate.ts";
import { hasKernel, runKernel } from "../kernels/fused.ts";
import { isRecording } from "../kernels/tape.ts";

/** Options for {@linkcode linear}. */
export interface LinearOptions {
  /** float32 `[O]`. */
  bias?: tf.Tensor;
  /**
   * Whether the weight has the layout `[O, I]`, as in most families; in GPT-2 it is `[I, O]`.
   *
   * @default {false}
   */
  transposeWeight?: boolean;
  /**
   * What is applied to the result.
   *
   * @default {nothing}
   */
  activation?: ActivationFunction;
}

for (const kernelName of ["Linear", "BiasedProduct"]) {
  tf.registerGradient({
    kernelName,
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
}

/**
 * Computes `x · weight + bias`, or the activation of it.
 *
 * @param x float32 `[S, I]`.
 * @param weight float32 `[I, O]`, or `[O, I]` with `transposeWeight`.
 * @returns float32 `[S, O]`.
 * @throws {RangeError} If the weight does not fit the positions, or the bias the weight.
 */
export function linear(x: tf.Tensor, weight: tf.Tensor, options: LinearOptions = {}): tf.Tensor {
  const { bias, transposeWeight = false, activation } = options;
  const [inputs, outputs] = transposeWeight ? [weight.shape[1], weight.shape[0]] : weight.shape;
  if (x.rank !== 2 || weight.rank !== 2 || x.shape[1] !== inputs) {
    throw new RangeError(
      `Cannot map linearly: the weight must fit the input [${x.shape}], current shape is [${weight.shape}]`,
    );
  }
  if (bias && (bias.rank !== 1 || bias.shape[0] !== outputs)) {
    throw new RangeError(
      `Cannot map linearly: the bias must have the shape [${outputs}], current shape is [${bias.shape}]`,
    );
  }
  const mapped = (within?: ActivationFunction) => map(x, weight, { bias, transposeWeight, activation: within });
  if (activation === undefined) return mapped();
  // The gradient of an activation is computed from its input, which a kernel of both would not keep.
  if (hasKernel("Linear") && !isRecording()) return mapped(activation);
  return activate(mapped(), activation);
}

function map(x: tf.Tensor, weight: tf.Tensor, { bias, transposeWeight, activation }: LinearOptions): tf.Tensor {
  if (hasKernel("Linear")) {
    return runKernel<tf.Tensor>("Linear", bias ? { x, weight, bias } : { x, weight }, { transposeWeight, activation });
  }
  if (bias && hasKernel("BiasedProduct")) {
    return runKernel<tf.Tensor>("BiasedProduct", { x, weight, bias }, { transposeWeight });
  }
  const product = tf.matMul(x as tf.Tensor2D, weight as tf.Tensor2D, false, transposeWeight);
  return bias ? tf.add(product, bias) : product;
}
