/**
 * Small models and rows for checks, made from seeds.
 *
 * @module
 */
import type { Row } from "../../lib/batches/row.ts";
import { initializeModel } from "../../lib/models/initialize_model.ts";
import type { LanguageModel } from "../../lib/models/language_model.ts";
import { randomStream } from "../../lib/random/random.ts";

/** Tokens of the small models' vocabulary. */
export const VOCABULARY = 67;

/** A GPT-2 of two blocks. */
export function smallModel(seed: number): LanguageModel {
  const sizes = { vocab_size: VOCABULARY, n_positions: 48, n_embd: 32, n_layer: 2, n_head: 4 };
  // Weights ten times the usual, so that random models disagree enough to be told apart.
  return initializeModel({ model_type: "gpt2", ...sizes, initializer_range: 0.2 }, { seed });
}

/** The rows of a step, of several lengths. */
export function smallRows(step: number): Row[] {
  const random = randomStream(100 + step);
  return [9, 5, 12].map((length) => ({
    ids: Array.from({ length }, () => random.below(VOCABULARY)),
    promptLength: 3,
  }));
}
