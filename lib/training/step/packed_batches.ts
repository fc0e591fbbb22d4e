/**
 * The micro-batches of a step, each packed once: for the teachers, for passes ahead, and for the step itself.
 *
 * @module
 */
import type { Row } from "../../batches/row.ts";
import { microBatches, type TrainingBatch, trainingBatch } from "../../batches/training_batch.ts";
import type { TeacherBatch } from "../../teachers/teacher.ts";

/** A micro-batch, packed for the teachers and for the student. */
export interface StepBatch extends TeacherBatch {
  /** What the student computes: the batch itself, or, for sums over all tokens, its rows with their last tokens. */
  student: Pick<TrainingBatch, "tokens" | "keep">;
}

/** Options for {@linkcode PackedBatches}. */
export interface PackedBatchesOptions {
  /** Rows processed at once; all if it is absent. */
  microBatchSize?: number;
  /** Whether the student computes the last token of each row too. */
  whole: boolean;
  /** The student's context. */
  contextLength: number;
}

/** Packs steps. */
export class PackedBatches {
  #ahead?: { rows: readonly Row[]; batches: readonly StepBatch[] };

  /** @param options How steps are divided and packed. */
  constructor(readonly options: PackedBatchesOptions) {}

  /**
   * The micro-batches of rows, which the caller has checked.
   *
   * @param recurring Whether these rows will recur.
   */
  of(rows: readonly Row[], recurring: boolean): readonly StepBatch[] {
    const ahead = this.#ahead;
    if (ahead && ahead.rows.length === rows.length && ahead.rows.every((row, i) => row === rows[i])) {
      this.#ahead = undefined;
      return ahead.batches;
    }
    return microBatches(rows, this.options.microBatchSize).map((rows) => this.#pack(rows, recurring));
  }

  /** The micro-batches of the next step, which are kept until it is taken. */
  ahead(rows: readonly Row[], recurring: boolean): readonly StepBatch[] {
    const batches = this.of(rows, recurring);
    this.#ahead = { rows, batches };
    return batches;
  }

  #pack(rows: readonly Row[], recurring: boolean): StepBatch {
    const batch = trainingBatch(rows);
    const student = this.options.whole ? trainingBatch(rows, this.options) : batch;
    return { rows, recurring, ...batch, student };
  }
}
