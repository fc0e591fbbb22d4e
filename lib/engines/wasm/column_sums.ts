/**
 * Sums over rows, column by column, of tasks that each have sums of their own.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs-core";
import { kernelsOf, type WasmBackend } from "./heap.ts";
import type { Job } from "./kernels.ts";

/** What {@linkcode withColumnSums} needs. */
export interface ColumnSumsOptions {
  /** How many sums each task has. */
  kinds: number;
  /** How wide the rows are. */
  width: number;
  /** The job, given where each kind of sums goes, and the bytes of a task's; all begin at zero. */
  job(places: readonly number[], bytes: number): Job;
}

/** Runs such a job, and returns the sums over all tasks. */
export function withColumnSums(backend: WasmBackend, { kinds, width, job }: ColumnSumsOptions): tf.TensorInfo[] {
  const padded = Math.ceil(width / 4) * 4;
  const { tasks } = job(Array(kinds).fill(0), padded * 4);
  const results = Array.from({ length: kinds }, () => backend.makeOutput([width], "float32"));
  const parts = Array.from({ length: kinds }, () => backend.makeOutput([tasks, padded], "float32"));
  for (const part of parts) backend.typedArrayFromHeap(part).fill(0);
  kernelsOf(backend).run(job(parts.map(({ dataId }) => backend.getMemoryOffset(dataId)), padded * 4));
  parts.forEach((part, kind) => {
    const [values, sums] = [part, results[kind]].map((tensor) => backend.typedArrayFromHeap(tensor));
    const totals = new Float64Array(width);
    for (let task = 0; task < tasks; task++) {
      for (let column = 0, at = task * padded; column < width; column++, at++) totals[column] += values[at];
    }
    sums.set(totals);
    backend.disposeData(part.dataId);
  });
  return results;
}
