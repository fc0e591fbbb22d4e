/**
 * Further input of a step, and its result.
 *
 * @module
 */
import type { Row } from "../../batches/row.ts";
import type { GapMeasures } from "../../objectives/gap_measures.ts";

/** Options for {@linkcode Trainer.step}. */
export interface StepOptions {
  /** Rows of plain text, whose next-token loss is added with `textWeight`. */
  textRows?: readonly Row[];
  /**
   * Whether the rows will recur, so that caching the teacher's states for them pays.
   *
   * @default {true}
   */
  recurring?: boolean;
  /** The rows of the next step, where they are known: a teacher that works beside the student starts with them. */
  upcoming?: readonly Row[];
}

/** The result of a step. Losses are means over the response tokens of all its rows, in nats. */
export interface StepResult {
  /**
   * `(1 − distillWeight) · lmLoss + distillWeight · distillLoss + textWeight · textLoss`, and the student's
   * auxiliary losses with their weights.
   */
  loss: number;
  /** The next-token loss. */
  lmLoss: number;
  /** The objective's mean; 0 if it has no weight. */
  distillLoss: number;
  /** The next-token loss on the step's plain text, if there are any. */
  textLoss?: number;
  /** The student's auxiliary losses by name, over all tokens of the step, unweighted; absent if it has none. */
  auxiliaryLosses?: Record<string, number>;
  /** The gradient's Euclidean norm before clipping. */
  gradNorm: number;
  /** The learning rate of this step. */
  learningRate: number;
  /** The distances between teacher, assistant and student before the step, if they were measured. */
  measures?: GapMeasures;
}
