/**
 * What a step is given beside its rows, and what it did.
 *
 * @module
 */
import type { Row } from "../../batches/row.ts";
import type { GapMeasures } from "../../objectives/gap_measures.ts";

/** Options for {@linkcode Trainer.step}. */
export interface StepOptions {
  /** Rows of plain text, whose next-token loss is added with `corpusWeight`. */
  corpusRows?: readonly Row[];
  /**
   * Whether the rows will recur, so that the teacher's states of them are worth keeping.
   *
   * @default {true}
   */
  recurring?: boolean;
  /** The rows of the next step, where they are known: a teacher that works beside the student begins with them. */
  upcoming?: readonly Row[];
}

/** What a step did. Losses are means over the response tokens of all its rows, in nats. */
export interface StepResult {
  /**
   * `(1 − distillWeight) · lmLoss + distillWeight · distillLoss + corpusWeight · corpusLoss`, and the student's auxiliary
   * losses with their weights.
   */
  loss: number;
  /** The next-token loss. */
  lmLoss: number;
  /** The objective's mean; 0 where it has no weight. */
  distillLoss: number;
  /** The next-token loss on the step's corpus rows, where it has some. */
  corpusLoss?: number;
  /** The student's auxiliary losses by name, over all tokens of the step, not weighted; absent where it has none. */
  auxiliaryLosses?: Record<string, number>;
  /** The gradient's Euclidean norm before clipping. */
  gradNorm: number;
  /** The learning rate of this step. */
  learningRate: number;
  /** How far apart teacher, assistant and student were before the step, where that was measured. */
  measures?: GapMeasures;
}
