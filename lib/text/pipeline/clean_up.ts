/**
 * Removes the blanks that a tokenizer inserted before punctuation and English contractions.
 *
 * @module
 */

/** The replacements, in order. */
const BEFORE = [[" .", "."], [" ?", "?"], [" !", "!"], [" ,", ","], [" ' ", "'"], [" n't", "n't"]] as const;
const BEHIND = [[" 's", "'s"], [" 've", "'ve"], [" 're", "'re"]] as const;

/**
 * Removes blanks before punctuation and contractions.
 *
 * @param text The text.
 * @param between A replacement between the two halves of the list.
 * @returns The text without them.
 */
export function cleanUp(text: string, between: readonly (readonly [string, string])[] = [[" 'm", "'m"]]): string {
  return [...BEFORE, ...between, ...BEHIND].reduce((before, [from, to]) => before.replaceAll(from, to), text);
}
