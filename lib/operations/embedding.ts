/**
 * Rows of a table by their numbers: how tokens and positions become vectors.
 *
 * Kernel an engine may offer: `Embedding { table, ids } → rows`.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { hasKernel, runKernel } from "../kernels/fused.ts";
import { addRows } from "./sums.ts";

tf.registerGradient({
  kernelName: "Embedding",
  inputsToSave: ["table", "ids"],
  gradFunc: (dy, [table, ids]) => ({
    table: () => tf.unsortedSegmentSum(dy as tf.Tensor2D, ids as tf.Tensor1D, table.shape[0]),
  }),
});

/**
 * Adds the operation's share of the table's gradient to a sum, as {@linkcode addRows} does: a table is large, and few of
 * its rows have a share.
 *
 * @param sum float32 `[V, H]`; it is freed, and must have no other use.
 * @param dy The gradient of the rows, float32 `[S, H]`.
 * @param saved What the operation saved: the table and the numbers.
 */
export function addEmbeddingGradient(sum: tf.Tensor, dy: tf.Tensor, [, ids]: readonly tf.Tensor[]): tf.Tensor {
  return addRows(sum as tf.Tensor2D, { rows: dy as tf.Tensor2D, places: ids as tf.Tensor1D });
}

/**
 * Picks rows of a table.
 *
 * @param table float32 `[V, H]`.
 * @param ids Which rows, int32 `[S]`, each from 0 to V − 1.
 * @returns float32 `[S, H]`.
 */
export function embedding(table: tf.Tensor, ids: tf.Tensor1D): tf.Tensor2D {
  if (hasKernel("Embedding")) return runKernel<tf.Tensor2D>("Embedding", { table, ids });
  return tf.gather(table, ids) as tf.Tensor2D;
}
