/**
 * What can be added to the results of projections.
 *
 * Shapes: `S` positions, `I` inputs, `O` outputs.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs-core";

/** Identifies a forward pass of training, for random draws: the same pass draws the same values. */
export interface DropoutPass {
  /** The step, from 0. */
  step: number;
  /** The pass within the step. */
  part: string;
}

/**
 * What is added to the results of projections, such as a low-rank adapter.
 *
 * @param weightName The name of the projection's weight, as the family lists it.
 * @param x What the projection is applied to, float32 `[S, I]`.
 * @param pass The pass that seeds dropout; without it nothing is dropped.
 * @returns The addition to its result, float32 `[S, O]`; undefined if the projection has no adapter.
 */
export type ProjectionAdapter = (weightName: string, x: tf.Tensor, pass?: DropoutPass) => tf.Tensor | undefined;
