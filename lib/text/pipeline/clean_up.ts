/**
 * The removal of blanks that a tokenizer has put before punctuation and English endings.
 *
 * @module
 */

/** What is replaced by what, in order. */
const BEFORE = [[" .", "."], [" ?", "?"], [" !", "!"], [" ,", ","], [" ' ", "'"], [" n't", "n't"]] as const;
const BEHIND = [[" 's", "'s"], [" 've", "'ve"], [" 're", "'re"]] as const;

/**
 * Removes blanks before punctuation and endings.
 *
 * @param text The text.
 * @param between What is replaced between the two halves of the list.
 * @returns The text without them.
 */
export function cleanUp(text: string, between: readonly (readonly [string, string])[] = [[" 'm", "'m"]]): string {
  return [...BEFORE, ...between, ...BEHIND].reduce((before, [from, to]) => before.replaceAll(from, to), text);
}
