/**
 * Kernels that fill a large matrix a few rows at a time in the backend's memory.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { WasmBackend } from "./heap.ts";

/** Registers `RoomForRows` and `WriteRows`, see `lib/operations/filled_by_rows.ts`. */
export function registerFilledByRows(): void {
  tf.registerKernel({
    kernelName: "RoomForRows",
    backendName: "wasm",
    kernelFunc: ({ attrs, backend }) =>
      (backend as WasmBackend).makeOutput((attrs as unknown as { shape: number[] }).shape, "float32"),
  });
  tf.registerKernel({
    kernelName: "WriteRows",
    backendName: "wasm",
    kernelFunc: ({ inputs, attrs, backend }) => {
      const { matrix, rows } = inputs as { matrix: tf.TensorInfo; rows: tf.TensorInfo };
      const heap = backend as WasmBackend;
      const { start } = attrs as unknown as { start: number };
      const width = tf.util.sizeFromShape(matrix.shape.slice(1));
      heap.typedArrayFromHeap(matrix).set(heap.typedArrayFromHeap(rows), start * width);
      heap.incRef(matrix.dataId);
      return { dataId: matrix.dataId, shape: matrix.shape, dtype: matrix.dtype };
    },
  });
}
