/**
 * How far a student's next tokens are from a teacher's on held-out rows.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { aModel, aRow, checkArguments, checkList, objectWith } from "../arguments/check_arguments.ts";
import { checkRow, type Row } from "../batches/row.ts";
import { keptTokens, microBatches, trainingBatch } from "../batches/training_batch.ts";
import type { LanguageModel } from "../models/language_model.ts";
import { CHUNK_SIZE } from "../objectives/chunked_loss.ts";
import { type GapMeasures, gapNames, gapSums, namedGaps } from "../objectives/gap_measures.ts";
import { checkedTargets } from "../teachers/checked_targets.ts";
import { teacherOf } from "../teachers/local_teacher.ts";
import type { TeacherTargets } from "../teachers/teacher.ts";

/** Options for {@linkcode heldOutGap}. */
export interface HeldOutGapOptions {
  /** The model p. */
  teacher: LanguageModel;
  /** The model q, of the same tokens. */
  student: LanguageModel;
  /**
   * Rows processed at once.
   *
   * @default {16}
   */
  batchSize?: number;
}

/**
 * Computes the means over all response tokens of `KL(p‖q)`, of either entropy, and of whether both have the same most
 * probable token. The rows' own responses come before each token: nobody writes.
 *
 * @param rows Rows, each with a prompt and a response.
 * @param options The models.
 * @returns The means; divergence and entropies in nats, the agreement from 0 to 1.
 * @throws {RangeError} If there is no row, or the models have different tokens.
 *
 * @example A model and itself
 * ```ts
 * import assert from "node:assert/strict";
 * import { initializeModel, useEngine } from "@amid/amid";
 * import { heldOutGap } from "@amid/amid/evaluation";
 *
 * await useEngine("wasm");
 * const json = { model_type: "gpt2", vocab_size: 11, n_positions: 8, n_embd: 8, n_head: 2, n_layer: 1 };
 * const model = initializeModel(json, { seed: 1 });
 * const gap = await heldOutGap([{ ids: [1, 2, 3, 4], promptLength: 2 }], { teacher: model, student: model });
 * assert(gap.agreement === 1 && Math.abs(gap.klTeacherStudent) < 1e-6);
 * ```
 */
export async function heldOutGap(rows: readonly Row[], options: HeldOutGapOptions): Promise<GapMeasures> {
  checkArguments("measure the gap", { options: [options, objectWith("teacher", "student")] });
  const { teacher, student, batchSize = 16 } = options;
  checkArguments("measure the gap", { teacher: [teacher, aModel], student: [student, aModel] });
  checkList("measure the gap", { rows }, aRow);
  if (rows.length === 0) {
    throw new RangeError("Cannot measure the gap: at least one row is needed, current count is 0");
  }
  rows.forEach(checkRow);
  const sums = new Float64Array(gapNames().length);
  for (const part of microBatches(rows, batchSize)) {
    const batch = { rows: part, recurring: false, ...trainingBatch(part) };
    const asked: TeacherTargets[] = [];
    try {
      for (const model of [teacher, student]) {
        const one = teacherOf(model);
        asked.push(checkedTargets(await one.prepare(batch), { teacher: one, batch }));
      }
      const [p, q] = asked;
      for (let start = 0; start < batch.labels.length; start += CHUNK_SIZE) {
        const size = Math.min(CHUNK_SIZE, batch.labels.length - start);
        const values = tf.tidy(() => gapSums({ teacher: logitsOf(p, start, size), student: logitsOf(q, start, size) }));
        (await values.data()).forEach((value, index) => sums[index] += value);
        values.dispose();
      }
    } finally {
      asked.forEach((targets) => targets.dispose());
    }
  }
  const tokens = keptTokens(rows);
  return namedGaps(sums.map((sum) => sum / tokens));
}

/** A model of this process has all logits. */
function logitsOf(targets: TeacherTargets, start: number, size: number): tf.Tensor2D {
  if ("logits" in targets) return targets.logits(start, size);
  throw new TypeError("Cannot measure the gap: a model's logits are needed, current answers are sparse");
}
