/**
 * The next-token loss of a teacher.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { aRow, aTeacher, checkArguments, checkList } from "../arguments/check_arguments.ts";
import type { Row } from "../batches/row.ts";
import { sumOverRows } from "../batches/sum_over_rows.ts";
import { keptTokens, trainingBatch } from "../batches/training_batch.ts";
import type { Communicator } from "../distributed/communicator.ts";
import type { LanguageModel } from "../models/language_model.ts";
import { CHUNK_SIZE } from "../objectives/chunked_loss.ts";
import { crossEntropy } from "../operations/cross_entropy.ts";
import { checkedTargets } from "./checked_targets.ts";
import { teacherBatch } from "./teacher_rows.ts";
import { teacherOf } from "./local_teacher.ts";
import type { Teacher, TeacherTargets } from "./teacher.ts";

/** Options for {@linkcode teacherLoss}. */
export interface TeacherLossOptions {
  /**
   * Rows per request to the teacher.
   *
   * @default {32}
   */
  batchSize?: number;
  /**
   * The ranks that share the rows: all are given all rows, and all get the mean over all.
   *
   * @default {this process alone}
   */
  communicator?: Communicator;
}

/**
 * Computes the mean of `−log p(token)` over the response tokens of all rows, for any teacher: what `validationLoss` is to a
 * model.
 *
 * @param teacher The teacher, or a model that teaches.
 * @param rows Rows, each with a prompt and a response.
 * @returns The mean, in nats.
 * @throws {RangeError} If there is no row, or a sparse answer is wrong.
 *
 * @example A model's, from whole distributions and from sparse answers
 * ```ts
 * import assert from "node:assert/strict";
 * import { initializeModel, useEngine, validationLoss } from "@amid/amid";
 * import { sparse, teacherLoss } from "@amid/amid/teachers";
 *
 * await useEngine("wasm");
 * const json = { model_type: "gpt2", vocab_size: 11, n_positions: 8, n_embd: 8, n_head: 2, n_layer: 1 };
 * const model = initializeModel(json, { seed: 1 });
 * const rows = [{ ids: [1, 2, 3, 4], promptLength: 2 }];
 * const expected = await validationLoss(model, rows);
 * for (const teacher of [model, sparse(model, { topK: 2 })]) {
 *   assert(Math.abs(await teacherLoss(teacher, rows) - expected) < 1e-5);
 * }
 * ```
 */
export async function teacherLoss(
  teacher: LanguageModel | Teacher,
  rows: readonly Row[],
  options: TeacherLossOptions = {},
): Promise<number> {
  checkArguments("compute the teacher's loss", { teacher: [teacher, aTeacher] });
  checkList("compute the teacher's loss", { rows }, aRow);
  const { batchSize = 32, communicator } = options;
  if (rows.length === 0) {
    throw new RangeError("Cannot compute the teacher's loss: at least one row is needed, current count is 0");
  }
  const asked = teacherOf(teacher);
  const lossOf = async (part: readonly Row[]) => {
    const batch = { rows: part, recurring: false, ...trainingBatch(part) };
    const targets = checkedTargets(await asked.prepare(teacherBatch(asked, batch)), { teacher: asked, batch });
    try {
      return await sumOf(targets, batch.labels);
    } finally {
      targets.dispose();
    }
  };
  return await sumOverRows(rows, { batchSize, communicator, sumOf: lossOf }) / keptTokens(rows);
}

/** The sum of `−log p(token)` over the tokens of a batch, a chunk of them at a time. */
async function sumOf(targets: TeacherTargets, labels: Int32Array): Promise<number> {
  let sum = 0;
  for (let start = 0, end = 0; start < labels.length; start = end) {
    end = Math.min(start + CHUNK_SIZE, labels.length);
    while ("answer" in targets && targets.cutsSpan?.(end)) end++;
    const size = end - start;
    if ("answer" in targets) {
      sum -= targets.answer(start, size).own.reduce((total, logProb) => total + logProb, 0);
      continue;
    }
    const values = tf.tidy(() => {
      const logits = targets.logits(start, size);
      return tf.sum(crossEntropy(logits, labels.subarray(start, start + size), { gradient: false }).values);
    });
    sum += (await values.data())[0];
    values.dispose();
  }
  return sum;
}
