/**
 * Values with an explicit gradient, instead of one traced through each operation.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";

/** A value, what its gradient needs, and the gradient. */
export interface ClosedForm {
  value: tf.Tensor;
  /** Kept until the gradient is requested. */
  saved: tf.Tensor[];
  /** The gradient of each input, from that of the value. */
  backward(upstream: tf.Tensor, saved: tf.Tensor[]): tf.Tensor[];
}

/** Applies a function of tensors that provides its gradient; all intermediate tensors are freed. */
export function closedForm(inputs: tf.Tensor[], compute: (...inputs: tf.Tensor[]) => ClosedForm): tf.Tensor {
  const traced = tf.customGrad((...args: (tf.Tensor | tf.GradSaveFunc)[]) => {
    const save = args[args.length - 1] as tf.GradSaveFunc;
    const { value, saved, backward } = compute(...args.slice(0, -1) as tf.Tensor[]);
    save(saved);
    return { value, gradFunc: backward };
  });
  return tf.tidy(() => traced(...inputs));
}

/** `tf.tidy` for results that are records of tensors and numbers. */
export function scoped<Result extends object>(compute: () => Result): Result {
  return tf.tidy(() => compute() as tf.TensorContainerObject) as Result;
}
