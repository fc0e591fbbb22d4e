/**
 * "Did you mean": the known word nearest to an unknown one.
 *
 * @module
 */

/** Levenshtein distance: insertions, deletions and replacements of one character. */
function editDistance(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = above[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(above[j] + 1, row[j - 1] + 1, replaced));
    }
    above = row;
  }
  return above[b.length];
}

/**
 * Finds the known word that was probably meant.
 *
 * @param word The word.
 * @param known The known words.
 * @returns The nearest by edit distance, ignoring case, `-` and `_`; undefined if all are further away than 40 % of its
 * length.
 */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  const plain = (text: string) => text.toLowerCase().replace(/[-_]/g, "");
  let best: string | undefined;
  let least = Infinity;
  for (const candidate of known) {
    const distance = editDistance(plain(word), plain(candidate));
    const limit = 0.4 * Math.max(plain(word).length, plain(candidate).length);
    if (distance <= limit && distance < least) [best, least] = [candidate, distance];
  }
  return best;
}

/** ` (did you mean X?)` for the nearest known word, or an empty string. */
export function suggestion(word: string, known: Iterable<string>): string {
  const best = nearest(word, known);
  return best === undefined ? "" : ` (did you mean ${best}?)`;
}
