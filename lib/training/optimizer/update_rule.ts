/**
 * The seam between training and an optimizer: named slots of state, and an update of parameters and slots in place.
 *
 * The form is that of optax: an optimizer is its state and a transformation of gradients. Sharding over ranks,
 * checkpoints, resuming and memory estimates use the slots, so that a new optimizer is one file.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs-core";

/** What an update changes, in the same order in each list. Gradients may be overwritten; they are not used later. */
export interface UpdateTensors {
  /** The parameters, float32 of any shapes. */
  parameters: readonly tf.Variable[];
  /** Their gradients, of the same shapes. */
  gradients: readonly tf.Tensor[];
  /** Their state: a list for each slot. */
  slots: Readonly<Record<string, readonly tf.Variable[]>>;
}

/** The numbers of one update. */
export interface UpdateStep {
  /** The number of this step, from 1. */
  step: number;
  /** The learning rate of this step. */
  learningRate: number;
  /** The decay of each parameter. */
  weightDecay: readonly number[];
  /** What gradients are multiplied by before use: the factor of clipping. */
  gradientScale: number;
}

/** An optimizer's rule. It keeps no state of its own: all of it is in the slots, elementwise with the parameters. */
export interface UpdateRule {
  /** The name in reports and checkpoints. */
  readonly name: string;
  /** The numbers that decide the update; a run is resumed only with the same ones. */
  readonly settings: Readonly<Record<string, number>>;
  /** The names of the state tensors that each parameter has; they start at 0. */
  readonly slots: readonly string[];
  /**
   * Changes parameters and slots in place. Every number must depend only on its own parameter, gradient and slots, so
   * that ranks can each update a part.
   */
  update(tensors: UpdateTensors, step: UpdateStep): void;
}
