/**
 * A large matrix that is filled a few rows at a time, so that its numbers are never held twice.
 *
 * Kernels an engine may offer, all or none: `RoomForRows {} { shape, precision } → matrix`, whose values are
 * undefined; `WriteRows { matrix, rows } { start } → matrix`, which overwrites rows where the matrix lies, in its own
 * precision; and `RoomForBlocks {} { shape, type } → matrix` and `WriteBlocks { matrix } { bytes, start } → matrix`, the
 * same for the blocks of a GGUF file.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs-core";
import type { GgufTensorType } from "../files/gguf/tensor_types.ts";
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

/**
 * Makes a matrix that is held in the blocks of a GGUF file, which are not set; to tensorflow.js its numbers are float32. It
 * can be multiplied, read and cut by rows.
 *
 * @param shape Two extents or more; the last a multiple of the type's block.
 * @param type One of the engine's `blocks`.
 */
export const roomForBlocks = (shape: readonly number[], type: GgufTensorType): tf.Tensor =>
  runKernel<tf.Tensor>("RoomForBlocks", {}, { shape, type });

/**
 * Overwrites rows of blocks in place. Nothing is recorded on a tape.
 *
 * @param matrix Of {@linkcode roomForBlocks}; rows are along its first axis.
 * @param placed The blocks of whole rows, and the place of the first.
 */
export function writeBlocks(
  matrix: tf.Tensor,
  { bytes, start }: Pick<PlacedRows, "start"> & { bytes: Uint8Array<ArrayBuffer> },
): void {
  runKernel<tf.Tensor>("WriteBlocks", { matrix }, { bytes, start }).dispose();
}
