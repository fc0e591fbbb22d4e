/**
 * What kernels written in TypeScript use of the wasm backend: its memory.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs-core";

/** The backend, as these kernels see it. */
export interface WasmBackend extends tf.KernelBackend {
  /** Makes a tensor, its values undefined. */
  makeOutput(shape: number[], dtype: tf.DataType): tf.TensorInfo;
  /** A tensor's values in the backend's memory. An allocation may move it: take views after the last one. */
  typedArrayFromHeap(tensor: tf.TensorInfo): Float32Array | Int32Array;
}
