/**
 * Adjusts the logits of the next token by the tokens of the row so far.
 *
 * @module
 */
import type { SamplingOptions } from "./sampling_options.ts";

/**
 * Applies the repetition penalty, the ban of repeated n-grams, and the bias.
 *
 * @param logits One position's, `[V]`; they are not modified.
 * @param tokens The row so far: prompt and answer.
 * @returns Adjusted logits, −∞ for a banned token; the same array if no option applies.
 * @throws {RangeError} If the bias names a token outside the vocabulary.
 *
 * Source of the penalty: N. S. Keskar et al., "CTRL: a conditional transformer language model for controllable
 * generation", 2019; of the ban: R. Paulus et al., "A deep reinforced model for abstractive summarization", 2018.
 */
export function adjustLogits(
  logits: Float32Array,
  tokens: readonly number[],
  { repetitionPenalty = 1, noRepeatNgramSize = 0, logitBias }: SamplingOptions,
): Float32Array {
  if (repetitionPenalty === 1 && noRepeatNgramSize === 0 && !logitBias?.size) return logits;
  const adjusted = logits.slice();
  if (repetitionPenalty !== 1) {
    const penalty = Math.fround(repetitionPenalty);
    for (const token of new Set(tokens)) {
      adjusted[token] = logits[token] < 0 ? logits[token] * penalty : logits[token] / penalty;
    }
  }
  for (const token of completions(tokens, noRepeatNgramSize)) adjusted[token] = -Infinity;
  checkBias({ logitBias }, logits.length);
  for (const [token, bias] of logitBias ?? []) adjusted[token] += bias;
  return adjusted;
}

/**
 * Checks that the bias fits a vocabulary.
 *
 * @throws {RangeError} If it names a token outside.
 */
export function checkBias({ logitBias }: SamplingOptions, vocabularySize: number): void {
  for (const token of logitBias?.keys() ?? []) {
    if (token < vocabularySize) continue;
    throw new RangeError(
      `Cannot sample: a token of logitBias must be in the vocabulary of ${vocabularySize}, current value is ${token}`,
    );
  }
}

/** The tokens that would repeat an n-gram of the row. */
export function* completions(tokens: readonly number[], size: number): Generator<number> {
  if (size === 0) return;
  const suffix = tokens.length - (size - 1);
  for (let start = 0; start < suffix; start++) {
    let equal = 0;
    while (equal < size - 1 && tokens[start + equal] === tokens[suffix + equal]) equal++;
    if (equal === size - 1) yield tokens[start + equal];
  }
}
