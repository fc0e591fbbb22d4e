/**
 * Token rows laid behind one another, so that no linear layer ever works on padding.
 *
 * Shapes: `S` positions of all rows together.
 *
 * @module
 */

/** Rows of token ids, packed. */
export interface PackedTokens {
  /** Ids of the shared prefix, then those of each row behind it, int32 `[S]`. */
  ids: Int32Array;
  /** The place of each id in its row, from 0, int32 `[S]`. */
  positions: Int32Array;
  /** The length of each row, the shared prefix included. */
  rowLengths: number[];
  /** How many first ids all rows share; they are packed once. */
  prefixLength: number;
}

/** Options for {@linkcode packTokens}. */
export interface PackOptions {
  /**
   * The most ids that a prefix may have which all rows begin with; it is then packed, and computed, once. Rows of one
   * prompt template share its preamble.
   *
   * @default {0}
   */
  longestPrefix?: number;
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
  const { longestPrefix = 0, offsets } = options;
  if (rows.length === 0) throw new RangeError("Cannot pack tokens: there must be at least one row, got none");
  rows.forEach(checkIds);
  const rowLengths = rows.map((row) => row.length);
  const prefixLength = rows.length > 1 ? sharedPrefix(rows, longestPrefix) : 0;
  const ids = Int32Array.from(rows.flatMap((row, index) => index === 0 ? row : row.slice(prefixLength)));
  const positions = Int32Array.from(
    rows.flatMap((row, index) => {
      const places = row.map((_, place) => place + (offsets?.[index] ?? 0));
      return index === 0 ? places : places.slice(prefixLength);
    }),
  );
  return { ids, positions, rowLengths, prefixLength };
}

/**
 * Finds where each row's ids behind the shared prefix begin among the packed ones.
 *
 * @returns For each row, what is to be added to a place in the row, at or behind the prefix, to have its packed index.
 */
export function rowOffsets({ rowLengths, prefixLength }: Omit<PackedTokens, "ids" | "positions">): number[] {
  let end = prefixLength;
  return rowLengths.map((length) => {
    const offset = end - prefixLength;
    end += length - prefixLength;
    return offset;
  });
}

/** How many first ids all rows share, at most `longest`; each row keeps one id of its own. */
function sharedPrefix(rows: readonly (readonly number[])[], longest: number): number {
  const limit = Math.min(longest, ...rows.map((row) => row.length - 1));
  let length = 0;
  while (length < limit && rows.every((row) => row[length] === rows[0][length])) length++;
  return length;
}

function checkIds(row: readonly number[], index: number): void {
  if (row.length === 0) throw new RangeError(`Cannot pack tokens: row ${index} is empty`);
  row.forEach((id, place) => {
    if (!Number.isInteger(id) || id < 0) {
      throw new RangeError(`Cannot pack tokens: row ${index} must hold token ids, current value is ${id} at ${place}`);
    }
  });
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
