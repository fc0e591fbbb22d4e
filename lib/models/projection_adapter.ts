/**
 * What can be added to the results of projections.
 *
 * Shapes: `S` positions, `I` inputs, `O` outputs.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs-core";

/** A forward pass of training, for what is drawn again in each: the same pass draws the same. */
export interface DropoutPass {
  /** The step, from 0. */
  step: number;
  /** Which pass of the step. */
  part: string;
}

/**
 * What is added to the results of projections, such as a low-rank adapter.
 *
 * @param weightName The name of the projection's weight, as the family lists it.
 * @param x What the projection is applied to, float32 `[S, I]`.
 * @param pass The pass that decides which inputs are dropped; none are if it is absent.
 * @returns What is added to its result, float32 `[S, O]`; undefined if the projection is left alone.
 */
export type ProjectionAdapter = (weightName: string, x: tf.Tensor, pass?: DropoutPass) => tf.Tensor | undefined;
