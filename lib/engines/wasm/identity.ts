/**
 * Identity as another name for the same values: the backend's own kernel copies them.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs-core";
import type { WasmBackend } from "./heap.ts";
import { replaceKernel } from "./replace_kernel.ts";

/** Replaces the kernel; its callers do not write to what they clone. */
export function registerIdentity(): void {
  replaceKernel("Identity", () => ({ inputs, backend }) => {
    const { dataId, shape, dtype } = inputs.x as tf.TensorInfo;
    (backend as WasmBackend).incRef(dataId);
    return { dataId, shape, dtype };
  });
}
