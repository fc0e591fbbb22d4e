/**
 * The kernel UnsortedSegmentSum, the gradient of a gather, which the backend lacks.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { kernelsOf, type WasmBackend } from "./heap.ts";

/** Numbers that the adding kernel takes at a time. */
const AT_A_TIME = 4;

/** Columns of a task. */
const COLUMNS = 64;

/** Registers the kernel. */
export function registerUnsortedSegmentSum(): void {
  tf.registerKernel({
    kernelName: "UnsortedSegmentSum",
    backendName: "wasm",
    kernelFunc: ({ inputs, attrs, backend: ofKernel }) => {
      const { x, segmentIds } = inputs as { x: tf.TensorInfo; segmentIds: tf.TensorInfo };
      const { numSegments } = attrs as { numSegments: number };
      if (x.dtype !== "float32") throw new TypeError(`Cannot sum segments: values are float32, got ${x.dtype}`);
      const backend = ofKernel as WasmBackend;
      const out = backend.makeOutput([numSegments, ...x.shape.slice(segmentIds.shape.length)], "float32");
      const segments = backend.typedArrayFromHeap(segmentIds);
      const sums = backend.typedArrayFromHeap(out).fill(0);
      const width = tf.util.sizeFromShape(out.shape.slice(1));
      if (width % AT_A_TIME === 0) {
        const [from, ids, to] = [x, segmentIds, out].map(({ dataId }) => backend.getMemoryOffset(dataId));
        kernelsOf(backend).run({
          kind: "segmentSums",
          tasks: Math.ceil(width / COLUMNS),
          fields: [segments.length, width, COLUMNS, from, ids, to, numSegments],
        });
        return out;
      }
      const values = backend.typedArrayFromHeap(x);
      for (let row = 0; row < segments.length; row++) {
        const segment = segments[row];
        if (segment < 0 || segment >= numSegments) continue; // as the operation defines it
        for (let i = 0, from = row * width, to = segment * width; i < width; i++) sums[to + i] += values[from + i];
      }
      return out;
    },
  });
}
