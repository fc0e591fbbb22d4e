/**
 * How an operation becomes one call on an engine that has it, and a composition of plain operations on the others.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { inOuterScope } from "./tape.ts";

/** Whether the engine in use has a kernel of that name. */
export function hasKernel(kernelName: string): boolean {
  return Boolean(tf.getKernel(kernelName, tf.getBackend()));
}

/**
 * Runs a kernel of the engine in use, recorded on the tape if one is running.
 *
 * @param kernelName The kernel; the engine must have it.
 * @param inputs Tensors by name, or a list of them where the kernel takes any number.
 * @param attrs Further attributes of the kernel.
 * @returns The kernel's outputs.
 */
export function runKernel<Outputs extends tf.Tensor | tf.Tensor[]>(
  kernelName: string,
  inputs: Record<string, tf.Tensor> | tf.Tensor[],
  attrs: Record<string, unknown> = {},
): Outputs {
  return tf.engine().runKernel(
    kernelName,
    inputs as unknown as tf.NamedTensorMap,
    attrs as unknown as tf.NamedAttrMap,
  ) as Outputs;
}

/**
 * The gradient functions of a kernel that computes all its inputs' gradients at once: it runs when the first of them is
 * requested.
 *
 * tensorflow.js immediately frees everything that a gradient function made and did not return. The other gradients are
 * therefore made in the scope around it, which lasts to the end of the backward pass.
 *
 * @param names The inputs, in the order of the kernel's outputs.
 * @param run Runs the kernel.
 */
export function sharedGradients<Name extends string>(
  names: readonly Name[],
  run: () => tf.Tensor[],
): Record<Name, () => tf.Tensor> {
  let gradients: tf.Tensor[] | undefined;
  const parts = names.map((name, index) => [name, () => (gradients ??= inOuterScope(run))[index]]);
  return Object.fromEntries(parts) as Record<Name, () => tf.Tensor>;
}
