/**
 * Conversions between packed positions and complete rows one after another.
 *
 * Shapes: `S` packed positions, `L` positions of complete rows, `W` any width.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";

/** The two conversions; both are differentiable. */
export interface RowLayout {
  /** `[S, W]` to `[L, W]`: each row in full, its shared prefix included, followed by padding. */
  lay(packed: tf.Tensor): tf.Tensor;
  /** `[L, W]` to `[S, W]`: each row's positions after its prefix, without padding. */
  pack(laid: tf.Tensor): tf.Tensor;
}

/** The prefix that a row shares with an earlier one. */
export interface RowPrefix {
  /** The earlier row. */
  row: number;
  /** Its length in positions; 0 if nothing is shared. */
  length: number;
}

/** Rows as they are packed: each without its prefix, so that the rows form a tree. */
export interface RowTree {
  /** The length of each row, its prefix included. */
  rowLengths: readonly number[];
  /**
   * The prefix of each row. The earlier row may itself have a prefix.
   *
   * @default {none}
   */
  prefixes?: readonly RowPrefix[];
}

/** Finds where each position of each row is packed. */
export function packedPlaces({ rowLengths, prefixes }: RowTree): number[][] {
  const places: number[][] = [];
  let end = 0;
  rowLengths.forEach((length, row) => {
    const prefix = prefixes?.[row];
    const shared = prefix && prefix.length > 0 ? places[prefix.row].slice(0, prefix.length) : [];
    places.push([...shared, ...Array.from({ length: length - shared.length }, () => end++)]);
  });
  return places;
}

/** Counts the packed positions. */
export function packedLength({ rowLengths, prefixes }: RowTree): number {
  return rowLengths.reduce((sum, length, row) => sum + length - (prefixes?.[row].length ?? 0), 0);
}

/** Whether a row has a prefix. */
export function sharesPrefixes({ prefixes }: RowTree): boolean {
  return prefixes?.some(({ length }) => length > 0) ?? false;
}

/**
 * Makes the conversions. Padding repeats a row's last position: under a causal mask no other position attends to it, so
 * it affects neither values nor gradients.
 *
 * @param rows The rows' lengths and prefixes.
 * @param laidLengths The padded length of each row, at least its length.
 */
export function rowLayout(rows: RowTree, laidLengths: readonly number[]): RowLayout {
  const { rowLengths, prefixes } = rows;
  if (!sharesPrefixes(rows) && rowLengths.every((length, row) => length === laidLengths[row])) {
    return { lay: (packed) => packed, pack: (laid) => laid };
  }
  /** For each position of the complete rows, the packed one; and for each packed position, one of a complete row. */
  const [packedOf, laidOf]: number[][] = [[], []];
  packedPlaces(rows).forEach((places, row) => {
    const own = prefixes?.[row].length ?? 0;
    for (let place = own; place < places.length; place++) laidOf.push(packedOf.length + place);
    packedOf.push(...places);
    for (let place = places.length; place < laidLengths[row]; place++) packedOf.push(places.at(-1)!);
  });
  const [lay, pack] = [tf.tensor1d(packedOf, "int32"), tf.tensor1d(laidOf, "int32")];
  return { lay: (packed) => tf.gather(packed, lay), pack: (laid) => tf.gather(laid, pack) };
}
