/**
 * Plain text as a prompt to continue.
 *
 * @module
 */

/**
 * Splits a text into a prompt and its continuation, at the space nearest to its middle.
 *
 * @param text The text.
 * @returns Its first half, and the rest, which starts with the space.
 */
export function continuationOf(text: string): { prompt: string; output: string } {
  const middle = text.length >> 1;
  const [before, after] = [text.slice(0, middle).search(/\s\S*$/), text.slice(middle).search(/\s/)];
  const blanks = [before, after < 0 ? -1 : middle + after].filter((place) =>
    text.slice(0, place).trim() !== "" && place > 0
  );
  blanks.sort((a, b) => Math.abs(a - middle) - Math.abs(b - middle));
  let cut = blanks[0] ?? Math.max(1, middle);
  if (/[\ud800-\udbff]/.test(text[cut - 1])) cut += 1;
  return { prompt: text.slice(0, cut), output: text.slice(cut) };
}
