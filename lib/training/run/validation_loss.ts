/**
 * The next-token loss on held-out rows.
 *
 * @module
 */
import { aModel, aRow, checkArguments, checkList } from "../../arguments/check_arguments.ts";
import { checkRow, type Row } from "../../batches/row.ts";
import type { Communicator } from "../../distributed/communicator.ts";
import type { LanguageModel } from "../../models/language_model.ts";
import { chunkedLoss } from "../../objectives/chunked_loss.ts";
import { sumOverRows } from "../../batches/sum_over_rows.ts";
import { keptTokens, trainingBatch } from "../../batches/training_batch.ts";
import * as tf from "@tensorflow/tfjs-core";

/** Options for {@linkcode validationLoss}. */
export interface ValidationLossOptions {
  /**
   * Rows processed at once.
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
  /** Called with the number of rows that this process has done. */
  onRows?: (done: number) => void;
}

/**
 * Computes the mean of `−log q(token)` over the response tokens of all rows.
 *
 * @param model The model.
 * @param rows Rows, each with a prompt and a response.
 * @returns The mean, in nats.
 * @throws {RangeError} If there is no row, or a row has no prompt or no response.
 *
 * @example The loss on one row
 * ```ts
 * import { loadModel, loadTokenizer, rowFromText, useEngine, validationLoss } from "@amid/amid";
 *
 * await useEngine("wasm");
 * const model = await loadModel("data/teacher");
 * const tokenizer = await loadTokenizer("data/tokenizer");
 * const row = rowFromText(tokenizer, { prompt: "What kind of thing is a heron?\n", response: "animal" });
 * console.log(await validationLoss(model, [row]));
 * ```
 */
export async function validationLoss(
  model: LanguageModel,
  rows: readonly Row[],
  options: ValidationLossOptions = {},
): Promise<number> {
  checkArguments("compute the validation loss", { model: [model, aModel] });
  checkList("compute the validation loss", { rows }, aRow);
  const { batchSize = 32, communicator, onRows } = options;
  if (rows.length === 0) {
    throw new RangeError("Cannot compute the validation loss: at least one row is needed, current count is 0");
  }
  rows.forEach(checkRow);
  const totalTokens = keptTokens(rows);
  let done = 0;
  const sumOf = async (part: readonly Row[]) => {
    const { tokens, keep, labels } = trainingBatch(part);
    const loss = tf.tidy(() => {
      const { logitSoftCap: softCap } = model.config;
      const inputs = { states: model.states(tokens, { keep }), head: model.cutHead(), softCap, labels };
      return chunkedLoss(inputs, { distillWeight: 0, totalTokens, gradient: false }).lmLoss;
    });
    const [sum] = await loss.data();
    loss.dispose();
    onRows?.(done += part.length);
    return sum;
  };
  return await sumOverRows(rows, { batchSize, communicator, sumOf });
}
