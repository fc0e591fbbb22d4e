/**
 * Losses that a model adds to the objective's, such as a mixture of experts' balance loss.
 *
 * Each is a function of sums over positions. Sums can be added up over layers, micro-batches and ranks, so the loss of
 * a step covers all its positions, however they are divided.
 *
 * Shapes: `S` packed positions, `M` sums.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";

/** A loss that a family adds to the objective's. */
export interface AuxiliaryLoss {
  /** Its name, under which events report its value. */
  readonly name: string;
  /** Its weight in the total loss; with 0 it is not computed. */
  readonly weight: number;
  /** The number of sums it is computed from. */
  readonly size: number;
  /**
   * Computes the loss and its gradient in the sums.
   *
   * @param sums The sums over all positions of a step, `[M]`.
   * @returns The unweighted value and its gradient `[M]`.
   */
  valueAndGradient(sums: Float64Array): { value: number; gradient: Float64Array };
}

/** Collects the sums that a family's auxiliary losses are computed from. */
export interface AuxiliaryInputs {
  /** The number of rows that each packed position belongs to, `[S]`: 1, or more for a shared prefix. */
  counts: Float32Array;
  /**
   * Takes a layer's sums of one loss.
   *
   * @param name The loss's name.
   * @param sums float32 `[M]`, computed from tensors that training may change.
   */
  add: (name: string, sums: tf.Tensor1D) => void;
}

/**
 * Collects the sums of a forward pass.
 *
 * @param losses The losses to compute.
 * @param counts The number of rows that each packed position belongs to, `[S]`.
 */
export function auxiliarySums(
  losses: readonly AuxiliaryLoss[],
  counts: Float32Array,
): { inputs: AuxiliaryInputs; sums: () => tf.Tensor1D[] } {
  const found = new Map<string, tf.Tensor1D>();
  const sizes = new Map(losses.map(({ name, size }) => [name, size]));
  const add = (name: string, sums: tf.Tensor1D) => {
    if (!sizes.has(name)) return;
    if (sums.size !== sizes.get(name)) {
      throw new RangeError(
        `Cannot compute states: "${name}" must have ${sizes.get(name)} sums, current value is ${sums.size}`,
      );
    }
    const before = found.get(name);
    found.set(name, before ? tf.add(before, sums) : sums);
  };
  const sums = () =>
    losses.map(({ name }) => {
      const total = found.get(name);
      if (total) return total;
      throw new ReferenceError(`Cannot compute states: no layer provided sums for the auxiliary loss "${name}"`);
    });
  return { inputs: { counts, add }, sums };
}
