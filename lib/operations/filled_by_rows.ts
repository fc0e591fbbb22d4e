/**
 * A large matrix that is filled a few rows at a time, so that its numbers are never held twice.
 *
 * Kernels an engine may offer, both or neither: `RoomForRows {} { shape, precision } → matrix`, whose values are
 * undefined; `WriteRows { matrix, rows } { start } → matrix`, which overwrites rows where the matrix lies, in its own
 * precision.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs-core";
import type { StoragePrecision } from "../engines/engine.ts";
import { hasKernel, runKernel } from "../kernels/fused.ts";
import type { PlacedRows } from "./replace_rows.ts";

/** Whether the engine in use can fill a matrix by rows. */
export const fillsByRows = (): boolean => hasKernel("RoomForRows") && hasKernel("WriteRows");

/**
 * Makes a tensor whose values are undefined, on an engine that {@linkcode fillsByRows}.
 *
 * @param shape Two extents or more.
 * @param precision How its numbers are stored; to tensorflow.js they are float32 in either.
 */
export const roomForRows = (shape: readonly number[], precision: StoragePrecision): tf.Tensor =>
  runKernel<tf.Tensor>("RoomForRows", {}, { shape, precision });

/**
 * Overwrites rows in place, on an engine that {@linkcode fillsByRows}. Nothing is recorded on a tape.
 *
 * @param matrix Of {@linkcode roomForRows}; rows are along its first axis.
 * @param placed The rows, of as many axes, and the place of the first.
 */
export function writeRows(matrix: tf.Tensor, { rows, start }: Pick<PlacedRows, "start"> & { rows: tf.Tensor }): void {
  runKernel<tf.Tensor>("WriteRows", { matrix, rows }, { start }).dispose();
}
