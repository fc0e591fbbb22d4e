/**
 * GatherV2 along the first axis by copying whole rows: the backend's own kernel goes element by element and takes tens
 * of times as long.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { WasmBackend } from "./heap.ts";
import { replaceKernel } from "./replace_kernel.ts";

/** Replaces the kernel where rows are gathered; other gathers stay with the backend's. */
export function registerGather(): void {
  replaceKernel("GatherV2", (original) => (args) => {
    const { x, indices } = args.inputs as { x: tf.TensorInfo; indices: tf.TensorInfo };
    const { axis, batchDims } = args.attrs as { axis: number; batchDims: number };
    if (axis !== 0 || batchDims !== 0 || indices.dtype !== "int32" || x.dtype === "string") {
      return original(args);
    }
    const heap = args.backend as WasmBackend;
    const out = heap.makeOutput([...indices.shape, ...x.shape.slice(1)], x.dtype);
    const [rows, places, gathered] = [x, indices, out].map((tensor) => heap.typedArrayFromHeap(tensor));
    const width = tf.util.sizeFromShape(x.shape.slice(1));
    for (let i = 0; i < places.length; i++) {
      const row = places[i];
      if (row < 0 || row >= x.shape[0]) {
        throw new RangeError(`Cannot gather: indices must be in 0..${x.shape[0] - 1}, current value is ${row}`);
      }
      gathered.set(rows.subarray(row * width, (row + 1) * width), i * width);
    }
    return out;
  });
}
