/**
 * GatherV2 along the first axis by copying whole rows: the backend's own kernel goes element by element and takes tens
 * of times as long.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { kernelsOf, type WasmBackend } from "./heap.ts";
import { replaceKernel } from "./replace_kernel.ts";

/** Bytes that the copying kernel moves at a time. */
const AT_A_TIME = 16;

/** Bytes of a task. */
const TASK = 2 ** 17;

/** Replaces the kernel where rows are gathered; other gathers stay with the backend's. */
export function registerGather(): void {
  replaceKernel("GatherV2", (original) => (args) => {
    const { x, indices } = args.inputs as { x: tf.TensorInfo; indices: tf.TensorInfo };
    const { axis, batchDims } = args.attrs as { axis: number; batchDims: number };
    if (axis !== 0 || batchDims !== 0 || indices.dtype !== "int32" || x.dtype === "string") {
      return original(args);
    }
    const backend = args.backend as WasmBackend;
    const out = backend.makeOutput([...indices.shape, ...x.shape.slice(1)], x.dtype);
    const places = backend.typedArrayFromHeap(indices);
    for (const row of places) {
      if (row < 0 || row >= x.shape[0]) {
        throw new RangeError(`Cannot gather: indices must be in 0..${x.shape[0] - 1}, current value is ${row}`);
      }
    }
    const width = tf.util.sizeFromShape(x.shape.slice(1));
    const bytes = width * tf.util.bytesPerElement(x.dtype);
    if (bytes % AT_A_TIME === 0 && bytes > 0) {
      const some = Math.max(1, Math.floor(TASK / bytes));
      const tensors = [x, indices, out].map(({ dataId }) => backend.getMemoryOffset(dataId));
      const tasks = Math.ceil(places.length / some);
      kernelsOf(backend).run({ kind: "gatherRows", tasks, fields: [places.length, bytes, some, ...tensors] });
    } else {
      const [rows, gathered] = [x, out].map((tensor) => backend.typedArrayFromHeap(tensor));
      places.forEach((row, i) => gathered.set(rows.subarray(row * width, (row + 1) * width), i * width));
    }
    return out;
  });
}
