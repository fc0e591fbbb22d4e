/**
 * The forward passes ahead of a step that auxiliary losses need, where the step is more than one micro-batch.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { LanguageModel } from "../../models/language_model.ts";
import type { AuxiliaryTotal } from "./auxiliary_total.ts";
import type { StepBatch } from "./packed_batches.ts";
import { partOf, type StepGradientsOptions } from "./step_gradients.ts";

/** Micro-batches of a step, and the pass in which adapters drop inputs. */
export interface AuxiliaryWork extends Pick<StepGradientsOptions, "pass"> {
  /** This rank's share of them. */
  batches: readonly StepBatch[];
}

/**
 * Makes the sums of a step's auxiliary losses known, unless all of this rank's work is one micro-batch, whose own forward
 * pass will provide them.
 *
 * @param auxiliary The losses.
 * @param student The model that is trained.
 * @param work All that this rank works on in the step.
 */
export async function settleAhead(
  auxiliary: AuxiliaryTotal,
  student: LanguageModel,
  work: readonly AuxiliaryWork[],
): Promise<void> {
  const batches = work.flatMap(({ batches, pass }) =>
    batches.map(({ student }, index) => ({ ...student, pass: partOf(pass, index) }))
  );
  if (batches.length === 1) return;
  const sums: tf.Tensor[][] = [];
  try {
    for (const { tokens, keep, pass } of batches) {
      sums.push(tf.tidy(() => student.statesAndSums(tokens, { keep, pass, losses: auxiliary.losses }).sums));
    }
    await auxiliary.settle(sums);
  } finally {
    tf.dispose(sums);
  }
}
