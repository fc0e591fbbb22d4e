/**
 * Next-token distributions of two models at the same places.
 *
 * @module
 */
import { aModel, aRow, checkArguments, checkList, objectWith } from "../arguments/check_arguments.ts";
import * as tf from "@tensorflow/tfjs-core";
import { checkRow, type Row } from "../batches/row.ts";
import type { LanguageModel } from "../models/language_model.ts";
import type { LogPair } from "./assistant_float64.ts";

/** A place in a row, and both models' view of what comes next. */
export interface NextToken extends LogPair {
  /** The row's number. */
  row: number;
  /** The token that comes next in the row. */
  next: number;
}

/**
 * Computes `log p` and `log q` wherever a response token of the rows comes next.
 *
 * @param models Teacher and student, of one vocabulary.
 * @param rows The rows.
 * @returns A pair of distributions for each response token, in the rows' order.
 * @throws {RangeError} If a row has no prompt or no response.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { initializeModel, useEngine } from "@amid/amid";
 * import { nextTokens } from "@amid/amid/analysis";
 *
 * await useEngine("cpu");
 * const json = { model_type: "gpt2", vocab_size: 11, n_positions: 8, n_embd: 8, n_head: 2, n_layer: 1 };
 * const [teacher, student] = [1, 2].map((seed) => initializeModel(json, { seed }));
 * const [first] = nextTokens({ teacher, student }, [{ ids: [1, 2, 3, 4], promptLength: 2 }]);
 * assert.equal(first.next, 3);
 * ```
 */
export function nextTokens(
  models: { teacher: LanguageModel; student: LanguageModel },
  rows: readonly Row[],
): NextToken[] {
  checkArguments("compare next tokens", {
    models: [models, objectWith("teacher", "student")],
  });
  const { teacher, student } = models;
  checkArguments("compare next tokens", { teacher: [teacher, aModel], student: [student, aModel] });
  checkList("compare next tokens", { rows }, aRow);
  return rows.flatMap((row, number) => {
    checkRow(row, number);
    const [p, q] = [teacher, student].map((model) => logProbsOf(model, row));
    return p.map((teacher, i) => ({ teacher, student: q[i], row: number, next: row.ids[row.promptLength + i] }));
  });
}

/** `log p` of what follows each position from the prompt's last. */
function logProbsOf(model: LanguageModel, { ids, promptLength }: Row): number[][] {
  return tf.tidy(() => {
    const logits = model.logits({ inputIds: [ids.slice(0, -1)] }) as tf.Tensor3D;
    const [, length, size] = logits.shape;
    const kept = tf.slice(logits, [0, promptLength - 1, 0], [1, length - promptLength + 1, size]);
    return (tf.logSoftmax(kept).arraySync() as number[][][])[0];
  });
}
