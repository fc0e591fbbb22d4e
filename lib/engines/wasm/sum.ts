/**
 * Sum over the last axes in double precision: the backend's own kernel adds one float32 after another, and loses a
 * hundredth over tens of millions of numbers, as the norm of a large gradient has. Sums over the first axes, as gradients
 * of biases have, are of a task's rows in float32, and of all tasks in double precision.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { withColumnSums } from "./column_sums.ts";
import { kernelsOf, type WasmBackend } from "./heap.ts";
import { rowsJob, summedRowsJob } from "./jobs.ts";
import { replaceKernel } from "./replace_kernel.ts";

/** Replaces the kernel for float32 and the last axes, or the first ones; other sums stay with the backend's. */
export function registerSum(): void {
  replaceKernel("Sum", (original) => (args) => {
    const { x } = args.inputs as { x: tf.TensorInfo };
    const { axis, keepDims } = args.attrs as { axis: number | number[]; keepDims: boolean };
    const axes = tf.util.parseAxisParam(axis, x.shape);
    const kept = x.shape.length - axes.length;
    const [last, first] = [axes.every((axis) => axis >= kept), axes.every((axis) => axis < axes.length)];
    if (x.dtype !== "float32" || !(last || first)) return original(args);
    const backend = args.backend as WasmBackend;
    const at = backend.getMemoryOffset(x.dataId);
    const left = x.shape.filter((_, axis) => !axes.includes(axis));
    const shape = keepDims ? tf.backend_util.expandShapeToKeepDim(left, axes) : left;
    const [summed, rest] = [x.shape.filter((_, axis) => axes.includes(axis)), left].map(tf.util.sizeFromShape);
    if (last) {
      const out = backend.makeOutput(shape, "float32");
      const fields = [backend.getMemoryOffset(out.dataId)];
      kernelsOf(backend).run(rowsJob("rowSums", { rows: rest, width: summed, tensors: [at], fields }));
      return out;
    }
    const [sums] = withColumnSums(backend, {
      kinds: 1,
      width: rest,
      job: (places, bytes) =>
        summedRowsJob("columnSums", { rows: summed, width: rest, tensors: [at], fields: [...places, bytes] }),
    });
    return { ...sums, shape };
  });
}
