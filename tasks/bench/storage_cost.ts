/**
 * What storing a model in fewer bits costs: how far it is from the full model, and how long its forward pass takes.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { StoragePrecision } from "../../lib/engines/mod.ts";
import { readText } from "../../lib/files/read_text.ts";
import type { LanguageModel } from "../../lib/models/language_model.ts";
import { loadModel } from "../../lib/models/load_model.ts";
import { storageDifference } from "../../lib/models/storage_difference.ts";
import { loadTokenizer } from "../../lib/text/tokenizer.ts";
import { median } from "./shared.ts";

/** The rows of text that two models are compared on, and the tokens of each. */
const ROWS = 4, TOKENS = 128;

/** Measured forward passes of each model, after one of each that is not. */
const PASSES = 7;

/** How a model is stored, and the text that it is compared on. */
export interface StorageCostOptions {
  storage: StoragePrecision;
  /** A text file. */
  text: string;
}

/**
 * Compares a stored model with the full one on text of its own tokenizer: parameters, next tokens, and the seconds of a
 * forward pass, taken in turn by both.
 *
 * @param file A model's folder, GGUF file or name.
 */
export async function storageCost(
  file: string,
  { storage, text }: StorageCostOptions,
): Promise<Record<string, number>> {
  const tokenizer = await loadTokenizer(file);
  const ids = tokenizer.encode(await readText(text)).slice(0, ROWS * TOKENS);
  const rows = Array.from(
    { length: Math.ceil(ids.length / TOKENS) },
    (_, row) => ids.slice(row * TOKENS, (row + 1) * TOKENS),
  );
  const [full, stored] = [await loadModel(file), await loadModel(file, { precision: storage })];
  const { roundingError, divergence, positions } = await storageDifference(full, stored, { rows });
  const { fullSeconds, storedSeconds } = await inTurn(full, stored, rows);
  full.dispose();
  stored.dispose();
  return {
    roundingError,
    klPerToken: divergence,
    klTokens: positions,
    forwardSeconds: storedSeconds,
    forwardOverFloat32: storedSeconds / fullSeconds,
  };
}

async function inTurn(full: LanguageModel, stored: LanguageModel, rows: number[][]) {
  const times: Record<"full" | "stored", number[]> = { full: [], stored: [] };
  for (let pass = 0; pass <= PASSES; pass++) {
    times.full.push(await forwardSeconds(full, rows));
    times.stored.push(await forwardSeconds(stored, rows));
  }
  const [fullSeconds, storedSeconds] = [times.full, times.stored].map((seconds) => median(seconds.slice(1)));
  return { fullSeconds, storedSeconds };
}

/** The logits of all positions of rows as long as the first, until one of them is there. */
async function forwardSeconds(model: LanguageModel, rows: number[][]): Promise<number> {
  const began = performance.now();
  const inputIds = rows.filter(({ length }) => length === rows[0].length);
  const one = tf.tidy(() => tf.slice(model.logits({ inputIds }), [0, 0, 0], [1, 1, 1]));
  await one.data();
  one.dispose();
  return (performance.now() - began) / 1000;
}
