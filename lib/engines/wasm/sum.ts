/**
 * Sum over the last axes in double precision: the backend's own kernel adds one float32 after another, and loses a
 * hundredth over tens of millions of numbers, as the norm of a large gradient has.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { WasmBackend } from "./heap.ts";
import { replaceKernel } from "./replace_kernel.ts";

/** Replaces the kernel for float32 and the last axes; other sums stay with the backend's. */
export function registerSum(): void {
  replaceKernel("Sum", (original) => (args) => {
    const { x } = args.inputs as { x: tf.TensorInfo };
    const { axis, keepDims } = args.attrs as { axis: number | number[]; keepDims: boolean };
    const axes = tf.util.parseAxisParam(axis, x.shape);
    const kept = x.shape.length - axes.length;
    if (x.dtype !== "float32" || axes.some((axis) => axis < kept)) return original(args);
    const shape = keepDims
      ? tf.backend_util.expandShapeToKeepDim(x.shape.slice(0, kept), axes)
      : x.shape.slice(0, kept);
    const heap = args.backend as WasmBackend;
    const out = heap.makeOutput(shape, "float32");
    const [values, sums] = [x, out].map((tensor) => heap.typedArrayFromHeap(tensor));
    const width = tf.util.sizeFromShape(x.shape.slice(kept));
    for (let i = 0; i < sums.length; i++) sums[i] = sum(values, i * width, (i + 1) * width);
    return out;
  });
}

/** Adds up a part of an array. */
function sum(values: Float32Array | Int32Array, start: number, end: number): number {
  let total = 0;
  for (let i = start; i < end; i++) total += values[i];
  return total;
}
