/**
 * What a model loses when its parameters are stored in fewer bits.
 *
 * @module
 */
import { aModel, checkArguments, checkList, objectWith, tokenIds } from "../arguments/check_arguments.ts";
import * as tf from "@tensorflow/tfjs-core";
import type { LanguageModel } from "./language_model.ts";

/** The difference between a stored model and the original. */
export interface StorageDifference {
  /** The root mean square of the parameters' differences, relative to that of the original parameters. */
  roundingError: number;
  /**
   * The mean over positions of the Kullback–Leibler divergence from the original model's next-token distribution to the
   * stored one's, in nats.
   */
  divergence: number;
  /** The positions. */
  positions: number;
}

/**
 * Compares two models with the same parameters.
 *
 * @param full The model in float32.
 * @param stored The same in fewer bits.
 * @param options Rows of token ids of typical text.
 * @returns The differences of parameters and of next tokens.
 * @throws {RangeError} If there are no rows.
 *
 * @example A model does not differ from itself
 * ```ts
 * import assert from "node:assert/strict";
 * import { loadModel, useEngine } from "@amid/amid";
 * import { storageDifference } from "@amid/amid/models";
 *
 * await useEngine("wasm");
 * const model = await loadModel("data/student-start");
 * const { roundingError, divergence } = await storageDifference(model, model, { rows: [[1, 2, 3]] });
 * assert.deepEqual([roundingError, divergence], [0, 0]);
 * ```
 */
export async function storageDifference(
  full: LanguageModel,
  stored: LanguageModel,
  options: { rows: readonly number[][] },
): Promise<StorageDifference> {
  const deed = "measure what storage loses";
  checkArguments(deed, { full: [full, aModel], stored: [stored, aModel], options: [options, objectWith("rows")] });
  const { rows } = options;
  checkList(deed, { rows }, tokenIds);
  if (rows.length === 0) {
    throw new RangeError("Cannot compare models: at least one row of tokens is needed, current count is 0");
  }
  let [difference, size] = [0, 0];
  for (const [name, parameter] of full.parameters) {
    const sums = tf.tidy(() => {
      const away = tf.sub(parameter, stored.parameters.get(name)!);
      return tf.stack([tf.sum(tf.square(away)), tf.sum(tf.square(parameter))]);
    });
    const [ofDifference, ofParameter] = await sums.data();
    sums.dispose();
    difference += ofDifference;
    size += ofParameter;
  }
  let [divergence, positions] = [0, 0];
  for (const row of rows) {
    const sum = tf.tidy(() => {
      const [p, q] = [full, stored].map((model) =>
        tf.logSoftmax(tf.cast(model.logits({ inputIds: [row] }), "float32"))
      );
      return tf.sum(tf.mul(tf.exp(p), tf.sub(p, q)));
    });
    divergence += (await sum.data())[0];
    sum.dispose();
    positions += row.length;
  }
  return { roundingError: Math.sqrt(difference / size), divergence: divergence / positions, positions };
}
