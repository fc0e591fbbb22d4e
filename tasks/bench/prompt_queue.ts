/**
 * A queue of prompts whose lengths differ, as do those of their answers.
 *
 * @module
 */
import { hashText, randomStream } from "../../lib/random/random.ts";

/**
 * Makes a queue: prompts of a quarter to the whole of a length, and answers that end at one of many tokens, a third of
 * the most tokens long in the middle where all tokens are as probable as one another.
 */
export function queueOf(
  count: number,
  { promptLength, newTokens, vocabularySize }: { promptLength: number; newTokens: number; vocabularySize: number },
): { prompts: number[][]; sampling: { temperature: number; stopTokens: number[] } } {
  const random = randomStream(1);
  const least = Math.ceil(promptLength / 4);
  const prompts = Array.from({ length: count }, () => {
    const length = least + random.below(promptLength - least + 1);
    return Array.from({ length }, () => random.below(vocabularySize));
  });
  const share = Math.max(1, Math.round(newTokens / 2));
  const stopTokens = Array.from({ length: vocabularySize }, (_, token) => token)
    .filter((token) => hashText(`${token}`) % share === 0);
  return { prompts, sampling: { temperature: 1, stopTokens } };
}
