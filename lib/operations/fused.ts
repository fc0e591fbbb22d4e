/**
 * How an operation becomes one call on an engine that has it, and a composition of plain operations on the others.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";

/** Whether the engine in use has a kernel of that name. */
export function hasKernel(kernelName: string): boolean {
  return Boolean(tf.getKernel(kernelName, tf.getBackend()));
}

/**
 * Runs a kernel of the engine in use, recorded on the tape if one is running.
 *
 * @param kernelName The kernel; the engine must have it.
 * @param inputs Tensors by name, or a list of them where the kernel takes any number.
 * @param attrs What else the kernel wants to know.
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
