/**
 * A step's losses and gradients, a micro-batch at a time.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Row } from "../datasets/row.ts";
import type { LanguageModel } from "../models/language_model.ts";
import { chunkedLoss, type ChunkedLossOptions } from "../objectives/chunked_loss.ts";
import type { Objective } from "../objectives/objective.ts";
import { pauseTape } from "../operations/pause_tape.ts";
import { addTo, joinParts, type StepParts } from "./step_parts.ts";
import type { TeacherStates } from "./teacher_states.ts";
import { keptTokens, microBatches, trainingBatch } from "./training_batch.ts";

/** Options for {@linkcode stepGradients}. */
export interface StepGradientsOptions {
  /** The distillation loss; needed unless `distillWeight` is 0. */
  objective?: Objective;
  /** Where the teacher's states come from; needed unless `distillWeight` is 0. */
  teacherStates?: TeacherStates;
  /** Weight of the distillation loss; the next-token loss has the rest. */
  distillWeight: number;
  /**
   * Tokens that sums are divided by.
   *
   * @default {the response tokens of the rows}
   */
  totalTokens?: number;
  /** Rows that are worked on at once; all where it is absent. */
  microBatchSize?: number;
  /** Response tokens whose logits exist at once. */
  chunkSize?: number;
  /** What else is summed over the kept tokens, see `chunkedLoss`. */
  measure?: ChunkedLossOptions["measure"];
}

/**
 * Computes the losses of rows and their gradient in each of the student's parameters.
 *
 * @returns Tensors that the caller frees.
 */
export function stepGradients(
  student: LanguageModel,
  rows: readonly Row[],
  options: StepGradientsOptions,
): StepParts {
  const { microBatchSize, totalTokens = keptTokens(rows) } = options;
  let sum: StepParts | undefined;
  for (const part of microBatches(rows, microBatchSize)) {
    const parts = microBatch(student, part, { ...options, totalTokens });
    sum = sum ? joinParts(sum, parts) : parts;
  }
  return sum!;
}

/** One micro-batch's share of the step's losses and gradients. */
function microBatch(student: LanguageModel, rows: readonly Row[], options: StepGradientsOptions): StepParts {
  const { teacherStates, objective, distillWeight, totalTokens, chunkSize, measure } = options;
  const { tokens, keep, labels } = trainingBatch(rows);
  const variables = [...student.parameters.values()];
  let loss: ReturnType<typeof chunkedLoss> | undefined;
  const { value, grads } = tf.variableGrads(() => {
    const states = student.states(tokens, { keep });
    // The loss's gradient at the states is computed beside the tape; the product carries it through the student.
    loss = pauseTape(() => {
      const teacher = teacherStates && { ...teacherStates.scoring(), states: teacherStates.of(rows) };
      const inputs = { states, head: student.cutHead(), softCap: student.config.logitSoftCap, labels, teacher };
      return chunkedLoss(inputs, { objective, distillWeight, totalTokens, chunkSize, measure });
    });
    keepAll(loss);
    return tf.sum(tf.mul(states, loss.statesGradient!)) as tf.Scalar;
  }, variables);
  tf.dispose([value, loss!.statesGradient!]);
  const gradients = new Map([...student.parameters].map(([name, variable]) => [name, grads[variable.name]]));
  addTo(gradients, student.headName, padded(loss!.headGradient!, student.head.shape[0]));
  return { lmLoss: loss!.lmLoss, distillLoss: loss!.distillLoss, gradients, measures: loss!.measures };
}

/** The gradient of a head whose padding was cut off: the padding's is 0. Frees its argument. */
function padded(gradient: tf.Tensor2D, rows: number): tf.Tensor2D {
  const missing = rows - gradient.shape[0];
  if (missing === 0) return gradient;
  const whole: tf.Tensor2D = tf.pad(gradient, [[0, missing], [0, 0]]);
  gradient.dispose();
  return whole;
}

function keepAll(tensors: Record<string, tf.Tensor | undefined>): void {
  for (const tensor of Object.values(tensors)) if (tensor) tf.keep(tensor);
}
