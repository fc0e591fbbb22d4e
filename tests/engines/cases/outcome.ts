/**
 * What a case of the conformance suite gives on the engine in use.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { type Case, fill } from "./case.ts";

/** Values, shapes and types of a case's outputs, and its gradients in each input. */
export interface Outcome {
  outputs: { shape: number[]; dtype: string; values: ArrayLike<number> }[];
  gradients: ArrayLike<number>[];
}

/** Runs a case on the engine in use. */
export function outcome({ inputs, run, gradient = true }: Case): Outcome {
  const tensors = inputs.map((input, index) => tf.tensor(fill(input, index), input.shape));
  const outputs = tf.tidy(() => [run(...tensors)].flat().map((y) => tf.clone(y)));
  const gradients = gradient && tensors.length > 0 ? tf.grads((...x) => weighedSum([run(...x)].flat()))(tensors) : [];
  const read = {
    outputs: outputs.map((y) => ({ shape: y.shape, dtype: y.dtype, values: y.dataSync() })),
    gradients: gradients.map((x) => x.dataSync()),
  };
  tf.dispose([tensors, outputs, gradients]);
  return read;
}

/** A sum in which each element counts differently, so that a gradient in the wrong place shows. */
function weighedSum(outputs: tf.Tensor[]): tf.Scalar {
  const sums = outputs.map((y, index) => tf.sum(tf.mul(y, tf.tensor(fill({ shape: y.shape }, index + 5), y.shape))));
  return tf.addN(sums) as tf.Scalar;
}
