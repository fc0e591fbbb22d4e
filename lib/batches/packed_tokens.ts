/**
 * Rows of tokens concatenated, so that no linear layer ever computes padding.
 *
 * Shapes: `S` positions of all rows together.
 *
 * @module
 */
import { checkList, tokenIds } from "../arguments/check_arguments.ts";
import { packedPlaces, type RowPrefix } from "./row_layout.ts";

/** Rows of token ids, packed. */
export interface PackedTokens {
  /** The ids of each row after its prefix, int32 `[S]`. */
  ids: Int32Array;
  /** The position of each id in its row, from 0, int32 `[S]`. */
  positions: Int32Array;
  /** The length of each row, its prefix included. */
  rowLengths: number[];
  /** Each row's prefix that an earlier row also has; it is packed only with that row. */
  prefixes: RowPrefix[];
  /** How many ids of each row follow the packed ones: they are predicted, never read, and count towards its length. */
  unread: number[];
}

/** Options for {@linkcode packTokens}. */
export interface PackOptions {
  /**
   * The longest prefix of each row that may be packed, and computed, with an earlier row that starts with the same ids.
   * Rows of one prompt template share its preamble.
   *
   * @default {0 for each row}
   */
  shareable?: readonly number[];
  /**
   * How many positions precede each row's first id, where a cache holds them.
   *
   * @default {0 for each row}
   */
  offsets?: readonly number[];
  /**
   * How many ids of each row follow those that are packed.
   *
   * @default {0 for each row}
   */
  unread?: readonly number[];
}

/**
 * Packs rows of ids.
 *
 * @param rows Non-empty rows of token ids.
 * @returns The rows, concatenated.
 * @throws {RangeError} If there are no rows, or a row is empty or holds something other than a token id.
 */
export function packTokens(rows: readonly (readonly number[])[], options: PackOptions = {}): PackedTokens {
  const { shareable, offsets, unread } = options;
  checkList("pack tokens", { rows }, tokenIds);
  if (rows.length === 0) throw new RangeError("Cannot pack tokens: at least one row is needed, current count is 0");
  rows.forEach(checkIds);
  const prefixes = rows.map((_, index) => longestPrefix(rows, index, shareable?.[index] ?? 0));
  const own = <T>(values: readonly T[], row: number) => values.slice(prefixes[row].length);
  return {
    ids: Int32Array.from(rows.flatMap(own)),
    positions: Int32Array.from(rows.flatMap((row, index) => {
      const first = offsets?.[index] ?? 0;
      return own(row.map((_, place) => first + place), index);
    })),
    rowLengths: rows.map((row) => row.length),
    prefixes,
    unread: rows.map((_, index) => unread?.[index] ?? 0),
  };
}

/** How many rows each packed position belongs to, `[S]`: more than one for a shared prefix. */
export function positionCounts(tokens: PackedTokens): Float32Array {
  const counts = new Float32Array(tokens.ids.length);
  for (const place of packedPlaces(tokens).flat()) counts[place]++;
  return counts;
}

/**
 * The longest prefix that a row shares with an earlier one, at most `limit`; at least one id is left to the row itself.
 */
function longestPrefix(rows: readonly (readonly number[])[], index: number, limit: number): RowPrefix {
  const row = rows[index];
  const longest: RowPrefix = { row: 0, length: 0 };
  for (const [earlier, other] of rows.slice(0, index).entries()) {
    const most = Math.min(limit, row.length - 1, other.length);
    let length = 0;
    while (length < most && row[length] === other[length]) length++;
    if (length > longest.length) Object.assign(longest, { row: earlier, length });
  }
  return longest;
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
      throw new RangeError(
        `Cannot read tokens: ids must be below the vocabulary's size ${vocabularySize}, current value is ${id}`,
      );
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
