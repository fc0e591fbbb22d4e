/**
 * Settings by which answers avoid repetition and unlikely tokens, as `transformers` has them.
 *
 * @module
 */
import { z } from "zod";
import type { SamplingOptions } from "../../lib/models/generation/sampling_options.ts";

/** How the choice of each token of an answer is limited. */
export const repetitionFields = {
  uniqueNgrams: z.int().min(1).optional().describe(
    "no n-gram of this many tokens occurs twice in prompt and answer (no_repeat_ngram_size of transformers; MiniLLM's " +
      "evaluation has 6)",
  ),
  repetitionPenalty: z.number().positive().optional().describe(
    "tokens that have occurred have positive logits divided by it, and negative ones multiplied; 1 if absent",
  ),
  minP: z.number().min(0).max(1).optional().describe(
    "with a temperature above 0: only tokens with at least this share of the largest probability; 0 if absent",
  ),
};

/** The settings of {@linkcode repetitionFields}, as they are parsed. */
export type RepetitionSettings = z.output<z.ZodObject<typeof repetitionFields>>;

/** Those of some settings, as options of generation. */
export const repetitionOf = (
  { uniqueNgrams, repetitionPenalty, minP }: RepetitionSettings,
): Pick<SamplingOptions, "noRepeatNgramSize" | "repetitionPenalty" | "minP"> => ({
  noRepeatNgramSize: uniqueNgrams,
  repetitionPenalty,
  minP,
});
