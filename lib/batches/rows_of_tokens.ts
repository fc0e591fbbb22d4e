/**
 * What packed tokens determine about their rows.
 *
 * Shapes: `S` positions of all rows together.
 *
 * @module
 */
import { type PackedTokens, packTokens } from "./packed_tokens.ts";
import { packedPlaces } from "./row_layout.ts";

/**
 * The length of the row that each position belongs to, including cached positions and those that are not read: int32
 * `[S]`.
 */
export function lengthsOfRows({ positions, rowLengths, prefixes, unread }: PackedTokens): Int32Array {
  const lengths = new Int32Array(positions.length);
  let start = 0;
  rowLengths.forEach((length, row) => {
    const end = start + length - prefixes[row].length;
    lengths.fill(positions[end - 1] + 1 + unread[row], start, end);
    start = end;
  });
  return lengths;
}

/**
 * Repacks rows, each with its prefix.
 *
 * @returns The rows, concatenated, and the new index of each position, `[S]`.
 */
export function withoutPrefixes(tokens: PackedTokens): { tokens: PackedTokens; places: number[] } {
  const rows = packedPlaces(tokens).map((places) => places.map((place) => tokens.ids[place]));
  let start = 0;
  const places = rows.flatMap((row, index) => {
    const first = start;
    start += row.length;
    return row.map((_, place) => first + place).slice(tokens.prefixes[index].length);
  });
  return { tokens: packTokens(rows, { unread: tokens.unread }), places };
}
