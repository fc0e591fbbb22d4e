/**
 * Weights that are made ready for many products of few rows, as generation makes them.
 *
 * Kernels an engine may offer: `ReadyWeight { weight } { inputFirst } → weight`, behind which products with the weight
 * may read a copy in an order of the engine's own, and `ReleaseWeight { weight } → weight`, which ends that.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs-core";
import { hasKernel, runKernel } from "../kernels/fused.ts";

/** A weight of linear maps. */
export interface MapWeight {
  /** float32 `[O, I]`, or `[I, O]`. */
  weight: tf.Tensor;
  /** Whether it is `[I, O]`. */
  inputFirst: boolean;
}

/**
 * Makes weights ready: on an engine that does, each takes its memory a second time until then.
 *
 * @param weights The weights; they must not change.
 * @returns What ends it; to be called once.
 */
export function readyWeights(weights: readonly MapWeight[]): () => void {
  if (!hasKernel("ReadyWeight")) return () => {};
  for (const { weight, inputFirst } of weights) {
    runKernel<tf.Tensor>("ReadyWeight", { weight }, { inputFirst }).dispose();
  }
  return () => {
    for (const { weight } of weights) runKernel<tf.Tensor>("ReleaseWeight", { weight }).dispose();
  };
}
