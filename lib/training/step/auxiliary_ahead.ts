/**
 * The forward passes ahead of a step that auxiliary losses need, where the step is more than one micro-batch.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Row } from "../../batches/row.ts";
import { microBatches, trainingBatch } from "../../batches/training_batch.ts";
import type { LanguageModel } from "../../models/language_model.ts";
import type { AuxiliaryTotal } from "./auxiliary_total.ts";
import { partOf, type StepGradientsOptions } from "./step_gradients.ts";

/** Rows of a step, and how they are worked on. */
export interface AuxiliaryWork extends Pick<StepGradientsOptions, "microBatchSize" | "pass"> {
  /** This rank's share of the rows. */
  rows: readonly Row[];
}

/**
 * Makes the sums of a step's auxiliary losses known, unless all of this rank's work is one micro-batch, whose own forward
 * pass will give them.
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
  const batches = work.flatMap(({ rows, microBatchSize, pass }) =>
    microBatches(rows, microBatchSize).map((rows, index) => ({ rows, pass: partOf(pass, index) }))
  );
  if (batches.length === 1) return;
  const sums: tf.Tensor[][] = [];
  try {
    for (const { rows, pass } of batches) {
      const { tokens, keep } = trainingBatch(rows, { whole: true });
      sums.push(tf.tidy(() => student.statesAndSums(tokens, { keep, pass, losses: auxiliary.losses }).sums));
    }
    await auxiliary.settle(sums);
  } finally {
    tf.dispose(sums);
  }
}
