/**
 * The kernel UnsortedSegmentSum, the gradient of a gather, which the backend lacks.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { WasmBackend } from "./heap.ts";

/** Registers the kernel. */
export function registerUnsortedSegmentSum(): void {
  tf.registerKernel({
    kernelName: "UnsortedSegmentSum",
    backendName: "wasm",
    kernelFunc: ({ inputs, attrs, backend }) => {
      const { x, segmentIds } = inputs as { x: tf.TensorInfo; segmentIds: tf.TensorInfo };
      const { numSegments } = attrs as { numSegments: number };
      if (x.dtype !== "float32") throw new TypeError(`Cannot sum segments: values are float32, got ${x.dtype}`);
      const heap = backend as WasmBackend;
      const out = heap.makeOutput([numSegments, ...x.shape.slice(segmentIds.shape.length)], "float32");
      const values = heap.typedArrayFromHeap(x);
      const segments = heap.typedArrayFromHeap(segmentIds);
      const sums = heap.typedArrayFromHeap(out).fill(0);
      const width = tf.util.sizeFromShape(out.shape) / numSegments;
      for (let row = 0; row < segments.length; row++) {
        const segment = segments[row];
        if (segment < 0 || segment >= numSegments) continue; // as the operation defines it
        for (let i = 0, from = row * width, to = segment * width; i < width; i++) sums[to + i] += values[from + i];
      }
      return out;
    },
  });
}
