/**
 * Token rows laid behind one another, so that no linear layer ever works on padding.
 *
 * Shapes: `S` positions of all rows together.
 *
 * @module
 */

/** Rows of token ids, packed. */
export interface PackedTokens {
  /** Ids of all rows, int32 `[S]`. */
  ids: Int32Array;
  /** The place of each id in its row, from 0, int32 `[S]`. */
  positions: Int32Array;
  /** The length of each row; they add up to `S`. */
  rowLengths: number[];
}

/** Options for {@linkcode packTokens}. */
export interface PackOptions {
  /**
   * How many positions precede each row's first id, where a cache holds them.
   *
   * @default {0 for each row}
   */
  offsets?: readonly number[];
}

/**
 * Packs rows of ids.
 *
 * @param rows Rows of token ids, none empty.
 * @returns The rows behind one another.
 * @throws {RangeError} If there is no row, or a row is empty or holds something that is no token id.
 */
export function packTokens(rows: readonly (readonly number[])[], options: PackOptions = {}): PackedTokens {
  const { offsets } = options;
  if (rows.length === 0) throw new RangeError("Cannot pack tokens: there must be at least one row, got none");
  const rowLengths = rows.map((row) => row.length);
  const total = rowLengths.reduce((sum, length) => sum + length, 0);
  const [ids, positions] = [new Int32Array(total), new Int32Array(total)];
  let at = 0;
  rows.forEach((row, index) => {
    if (row.length === 0) throw new RangeError(`Cannot pack tokens: row ${index} is empty`);
    row.forEach((id, place) => {
      if (!Number.isInteger(id) || id < 0) {
        throw new RangeError(
          `Cannot pack tokens: row ${index} must hold token ids, current value is ${id} at ${place}`,
        );
      }
      ids[at] = id;
      positions[at++] = place + (offsets?.[index] ?? 0);
    });
  });
  return { ids, positions, rowLengths };
}

/**
 * Checks that a model can take the tokens.
 *
 * @throws {RangeError} If an id is outside the vocabulary or a row is longer than the model's context.
 */
export function checkTokens(tokens: PackedTokens, limits: { vocabularySize: number; contextLength: number }): void {
  const { vocabularySize, contextLength } = limits;
  for (const id of tokens.ids) {
    if (id >= vocabularySize) {
      throw new RangeError(`Cannot read tokens: ids must be below the vocabulary's size ${vocabularySize}, got ${id}`);
    }
  }
  for (const position of tokens.positions) {
    if (position >= contextLength) {
      throw new RangeError(
        `Cannot read tokens: the model's context is ${contextLength} positions, a row has at least ${position + 1}`,
      );
    }
  }
}
