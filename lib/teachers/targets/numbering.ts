/**
 * Numbers for tokens, small ones for those that are often among the best.
 *
 * @module
 */

/** Which number each token has, and which token each number. */
export interface Numbering {
  /** The number of each token, `[V]`. */
  numbers: Int32Array;
  /** The token of each number, `[V]`. */
  tokens: Int32Array;
}

/**
 * Makes a numbering.
 *
 * @param frequent Tokens, the most frequent first; all others follow in the order of their ids.
 * @param vocabularySize Tokens of the vocabulary.
 * @throws {RangeError} If one is outside the vocabulary, or is there twice.
 */
export function numberingOf(frequent: readonly number[], vocabularySize: number): Numbering {
  const numbers = new Int32Array(vocabularySize).fill(-1), tokens = new Int32Array(vocabularySize);
  let count = 0;
  const give = (id: number) => {
    tokens[count] = id;
    numbers[id] = count++;
  };
  for (const id of frequent) {
    if (!(Number.isInteger(id) && id >= 0 && id < vocabularySize)) {
      throw new RangeError(`token ids must be from 0 to ${vocabularySize - 1}, current value is ${id}`);
    }
    if (numbers[id] >= 0) throw new RangeError(`each token must be numbered once, ${id} is there twice`);
    give(id);
  }
  for (let id = 0; id < vocabularySize; id += 1) if (numbers[id] < 0) give(id);
  return { numbers, tokens };
}

/** The tokens of a list, the most frequent first, equally frequent ones in the order of their ids. */
export function byFrequency(ids: Int32Array): number[] {
  const counts = new Map<number, number>();
  for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
  return [...counts].sort(([a, first], [b, second]) => second - first || a - b).map(([id]) => id);
}
