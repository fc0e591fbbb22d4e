/**
 * Overwriting some rows of a matrix in place.
 *
 * Kernel an engine may offer: `ReplaceRows { matrix, rows } { start } → matrix`, in the memory of `matrix` where that is
 * stored in float32.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs-core";
import { runKernel } from "../kernels/fused.ts";

/** Rows, and the place of the first of them in the matrix. */
export interface PlacedRows {
  /** float32 `[N, B]`. */
  rows: tf.Tensor2D;
  /** The first row's place. */
  start: number;
}

/**
 * Puts rows in the place of others, by the kernel `ReplaceRows`, which the engine in use must have. Nothing is recorded on
 * a tape.
 *
 * @param matrix float32 `[A, B]`, `A` at least `start + N`; it must have no other use.
 * @returns float32 `[A, B]`.
 */
export function replaceRows(matrix: tf.Tensor2D, placed: PlacedRows): tf.Tensor2D {
  const { rows, start } = placed;
  return runKernel<tf.Tensor2D>("ReplaceRows", { matrix, rows }, { start });
}
