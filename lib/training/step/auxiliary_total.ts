/**
 * The auxiliary losses of a step: of all its positions, on whichever rank and in whichever micro-batch they are.
 *
 * A loss is a function of sums over positions. Its gradient in a micro-batch's sums is that in the sums of the whole
 * step, which must be known before the first backward pass: where the step is one micro-batch on each rank they come
 * from its own forward pass, otherwise from a forward pass ahead.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Communicator } from "../../distributed/communicator.ts";
import type { AuxiliaryLoss } from "../../models/auxiliary_loss.ts";
import type { LanguageModel } from "../../models/language_model.ts";

/** The values of a step's auxiliary losses. */
export interface AuxiliaryValues {
  /** What they add to the loss. */
  weighted: number;
  /** The value of each by its name, without its weight. */
  values: Record<string, number>;
}

/** The auxiliary losses of one step. */
export class AuxiliaryTotal {
  #settled?: AuxiliaryValues & { gradients: Float32Array[] };

  /**
   * @param losses The losses, with their weights.
   * @param communicator The ranks that share the step.
   */
  constructor(
    readonly losses: readonly AuxiliaryLoss[],
    readonly communicator: Communicator,
  ) {}

  /** Whether the sums of all positions are known. */
  get settled(): boolean {
    return this.#settled !== undefined;
  }

  /**
   * Adds up the sums of all ranks. Every rank calls it once in a step, before it sends a gradient.
   *
   * @param batches The sums of each of this rank's micro-batches, one tensor per loss; they remain the caller's.
   */
  async settle(batches: readonly (readonly tf.Tensor[])[]): Promise<void> {
    const sizes = this.losses.map(({ size }) => size);
    const totals = new Float64Array(sizes.reduce((sum, size) => sum + size, 0));
    for (const sums of batches) {
      let start = 0;
      for (const tensor of sums) {
        const numbers = await tensor.data();
        for (let i = 0; i < numbers.length; i++) totals[start + i] += numbers[i];
        start += numbers.length;
      }
    }
    await this.communicator.allReduce(totals);
    const settled = { weighted: 0, values: {} as Record<string, number>, gradients: [] as Float32Array[] };
    let start = 0;
    for (const { name, weight, size, valueAndGradient } of this.losses) {
      const { value, gradient } = valueAndGradient(totals.slice(start, start + size));
      settled.values[name] = value;
      settled.weighted += weight * value;
      settled.gradients.push(Float32Array.from(gradient, (part) => weight * part));
      start += size;
    }
    this.#settled = settled;
  }

  /** Their values; known once the sums are. */
  get result(): AuxiliaryValues {
    return this.#known();
  }

  /** The gradients of the weighted losses in the sums, one tensor per loss; the caller frees them. */
  gradients(): tf.Tensor1D[] {
    return this.#known().gradients.map((gradient) => tf.tensor1d(gradient));
  }

  #known() {
    if (!this.#settled) throw new ReferenceError("Cannot take a step: the sums of its auxiliary losses are not known");
    return this.#settled;
  }
}

/**
 * Finds the losses that a student is trained with.
 *
 * @param student The student.
 * @param weights Weights instead of those of its configuration, by name.
 * @throws {RangeError} If a weight is not a number from 0, or is of a loss that the student does not have.
 */
export function weightedLosses(
  student: Pick<LanguageModel, "auxiliaryLosses">,
  weights: Readonly<Record<string, number>> = {},
): AuxiliaryLoss[] {
  const { auxiliaryLosses } = student;
  for (const [name, weight] of Object.entries(weights)) {
    if (!auxiliaryLosses.some((loss) => loss.name === name)) {
      const known = auxiliaryLosses.map(({ name }) => name).join(", ") || "and the student has none";
      throw new RangeError(
        `Cannot train: auxiliaryWeights must be of the student's auxiliary losses, ${known}, current value is "${name}"`,
      );
    }
    if (!(weight >= 0 && weight < Infinity)) {
      throw new RangeError(
        `Cannot train: auxiliaryWeights.${name} must be a non-negative number, current value is ${weight}`,
      );
    }
  }
  return auxiliaryLosses
    .map((loss) => ({ ...loss, weight: weights[loss.name] ?? loss.weight }))
    .filter(({ weight }) => weight > 0);
}
