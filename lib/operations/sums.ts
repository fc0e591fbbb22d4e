/**
 * Sums that grow in place, so that a large one is never held twice.
 *
 * Kernels an engine may offer, each writing its result into the memory of `sum`: `AddProduct { sum, a, b } → sum + aᵀ b`
 * and `AddRows { sum, rows, places } → sum` with each row added to the row of `sum` at its place.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { hasKernel, runKernel } from "../kernels/fused.ts";

/**
 * Adds `aᵀ b` to a sum. Nothing is recorded on a tape.
 *
 * @param sum float32 `[A, B]`; it is freed, and must have no other use.
 * @param factors `a`, float32 `[N, A]`, and `b`, float32 `[N, B]`.
 * @returns float32 `[A, B]`.
 */
export function addProduct(sum: tf.Tensor2D, [a, b]: readonly [tf.Tensor2D, tf.Tensor2D]): tf.Tensor2D {
  return grown(
    sum,
    () =>
      hasKernel("AddProduct")
        ? runKernel<tf.Tensor2D>("AddProduct", { sum, a, b })
        : tf.tidy(() => tf.add(sum, tf.matMul(a, b, true, false))),
  );
}

/**
 * Adds rows to the rows of a sum. Nothing is recorded on a tape.
 *
 * @param sum float32 `[A, B]`; it is freed, and must have no other use.
 * @param rows float32 `[N, B]`, and for each its place in the sum, int32 `[N]`; a place may come several times.
 * @returns float32 `[A, B]`.
 */
export function addRows(sum: tf.Tensor2D, { rows, places }: { rows: tf.Tensor2D; places: tf.Tensor1D }): tf.Tensor2D {
  return grown(
    sum,
    () =>
      hasKernel("AddRows")
        ? runKernel<tf.Tensor2D>("AddRows", { sum, rows, places })
        : tf.tidy(() => tf.add(sum, tf.unsortedSegmentSum(rows, places, sum.shape[0]))),
  );
}

function grown(sum: tf.Tensor2D, add: () => tf.Tensor2D): tf.Tensor2D {
  const larger = add();
  sum.dispose();
  return larger;
}
