/** Small models and rows, made from seeds. */
import { randomStream } from "../../lib/random/random.ts";
import type { Row } from "../../lib/batches/row.ts";
import { initializeModel } from "../../lib/models/initialize_model.ts";
import type { LanguageModel } from "../../lib/models/language_model.ts";

/** The vocabulary of the small models. */
export const TINY_VOCABULARY = 53;

/** A GPT-2 of two blocks, a thousandth of a second a step. */
export function tinyModel(seed: number, changes: Record<string, unknown> = {}): LanguageModel {
  const sizes = { vocab_size: TINY_VOCABULARY, n_positions: 48, n_embd: 16, n_layer: 2, n_head: 2 };
  // Weights ten times the usual, so that random models disagree enough for a test to see.
  return initializeModel({ model_type: "gpt2", ...sizes, initializer_range: 0.2, ...changes }, { seed });
}

/** Rows of several lengths; with a preamble, all begin with the same five tokens. */
export function tinyRows(count: number, { seed = 1, preamble = false } = {}): Row[] {
  const random = randomStream(seed);
  return Array.from({ length: count }, () => {
    const length = 7 + random.below(12);
    const ids = Array.from({ length }, () => random.below(TINY_VOCABULARY));
    if (preamble) ids.splice(0, 5, 7, 7, 3, 9, 1);
    return { ids, promptLength: (preamble ? 5 : 1) + random.below(length - 6) };
  });
}
