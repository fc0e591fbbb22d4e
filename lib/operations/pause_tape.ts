/**
 * Computation that the gradient tape does not see.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";

/** The part of tensorflow.js's engine state that says what is being recorded. */
interface TapeState {
  activeTape?: unknown;
  gradientDepth: number;
  kernelDepth: number;
}

/**
 * Runs `compute` as if no gradient were being recorded. Gradients taken inside it have a tape of their own.
 *
 * @returns What `compute` returns; to the tape outside, its tensors are constants.
 */
export function pauseTape<Result>(compute: () => Result): Result {
  const state = (tf.engine() as unknown as { state: TapeState }).state;
  const { activeTape, gradientDepth, kernelDepth } = state;
  Object.assign(state, { activeTape: undefined, gradientDepth: 0, kernelDepth: 0 });
  try {
    return compute();
  } finally {
    Object.assign(state, { activeTape, gradientDepth, kernelDepth });
  }
}
