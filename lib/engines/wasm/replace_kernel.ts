/**
 * How a kernel of the wasm backend makes way for one written here.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";

/**
 * Replaces a kernel; its gradient and the rest stay.
 *
 * @param kernelName The kernel; the backend must have it.
 * @param make Makes the new one, which may hand cases over to the backend's own.
 */
export function replaceKernel(kernelName: string, make: (original: tf.KernelFunc) => tf.KernelFunc): void {
  const config = tf.getKernel(kernelName, "wasm");
  tf.unregisterKernel(kernelName, "wasm");
  tf.registerKernel({ ...config, kernelFunc: make(config.kernelFunc) });
}
