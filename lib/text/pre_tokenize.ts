/**
 * GPT-2's pre-tokenization: splits text into words that no token crosses.
 *
 * @module
 */

/**
 * GPT-2's pattern: English contractions, runs of letters, of digits or of other signs, each with at most one blank
 * before it, and runs of white space.
 *
 * Source: A. Radford et al., "Language models are unsupervised multitask learners", 2019, and its released code.
 */
const WORD =
  /'(?:[stmd]|re|ve|ll)| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu;

/**
 * Splits a text into words.
 *
 * @param text The text.
 * @returns Its words, blanks and line breaks included: joined, they are the text.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { splitWords } from "./pre_tokenize.ts";
 *
 * assert(splitWords("a heron's bill").join("|") === "a| heron|'s| bill");
 * ```
 */
export function splitWords(text: string): string[] {
  return text.match(WORD) ?? [];
}

/**
 * Counts the distinct words of texts.
 *
 * @param texts The texts.
 * @returns The count of each word, in order of code units, independent of the order of the texts.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { countWords } from "./pre_tokenize.ts";
 *
 * const counts = countWords(["a heron's bill", "a bill"]);
 * assert(counts.get("a") === 2 && counts.get("'s") === 1 && counts.get(" bill") === 2);
 * ```
 */
export function countWords(texts: Iterable<string>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const text of texts) {
    for (const word of splitWords(text)) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return new Map([...counts].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}
