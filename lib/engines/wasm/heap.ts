/**
 * What kernels written here use of the wasm backend: its memory.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs-core";
import { type BackendModule, Kernels } from "./kernels.ts";

/** The backend, as these kernels see it. */
export interface WasmBackend extends tf.KernelBackend {
  /** Its module. */
  wasm: BackendModule;
  /** Makes a tensor, its values undefined. */
  makeOutput(shape: number[], dtype: tf.DataType): tf.TensorInfo;
  /** A tensor's values in the backend's memory. An allocation may move it: take views after the last one. */
  typedArrayFromHeap(tensor: tf.TensorInfo): Float32Array | Int32Array;
  /** Where a tensor's values begin in the backend's memory, in bytes. */
  getMemoryOffset(dataId: tf.DataId): number;
}

const kernels = new WeakMap<WasmBackend, Kernels>();

/** The kernels on a backend's memory. */
export function kernelsOf(backend: WasmBackend): Kernels {
  const known = kernels.get(backend);
  if (known) return known;
  const made = new Kernels(backend.wasm);
  kernels.set(backend, made);
  return made;
}
