/**
 * Writing some rows of a matrix anew.
 *
 * Kernel an engine may offer: `ReplaceRows { matrix, rows } { start } → matrix`, which writes in place where the matrix is
 * stored in float32.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { hasKernel, runKernel } from "./fused.ts";

/** Rows, and the place of the first of them in the matrix. */
export interface PlacedRows {
  /** float32 `[N, B]`. */
  rows: tf.Tensor2D;
  /** The first row's place. */
  start: number;
}

/** Whether the engine in use replaces rows in place. */
export function replacesInPlace(): boolean {
  return hasKernel("ReplaceRows");
}

/**
 * Puts rows in the place of others. Nothing is recorded on a tape.
 *
 * @param matrix float32 `[A, B]`, `A` at least `start + N`; it must have no other use: it may have the result's memory.
 * @returns float32 `[A, B]`.
 */
export function replaceRows(matrix: tf.Tensor2D, { rows, start }: PlacedRows): tf.Tensor2D {
  if (replacesInPlace()) return runKernel<tf.Tensor2D>("ReplaceRows", { matrix, rows }, { start });
  return tf.tidy(() => {
    const end = start + rows.shape[0];
    const [height, width] = matrix.shape;
    return tf.concat([
      tf.slice(matrix, [0, 0], [start, width]),
      rows,
      tf.slice(matrix, [end, 0], [height - end, width]),
    ]);
  });
}
