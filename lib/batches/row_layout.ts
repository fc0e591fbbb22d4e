/**
 * The ways between packed positions and whole rows one after another.
 *
 * Shapes: `S` packed positions, `L` laid ones, `W` any width.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";

/** The two ways; both are differentiable. */
export interface RowLayout {
  /** `[S, W]` to `[L, W]`: each row whole, what it shares with another before its own, padding behind it. */
  lay(packed: tf.Tensor): tf.Tensor;
  /** `[L, W]` to `[S, W]`: of each row its own positions, without padding. */
  pack(laid: tf.Tensor): tf.Tensor;
}

/** The first positions of a row, where an earlier row begins with the same ones. */
export interface RowPrefix {
  /** The earlier row. */
  row: number;
  /** How many positions; 0 where nothing is shared. */
  length: number;
}

/** Rows as they are packed: of each, the positions behind its prefix, so that rows form a tree. */
export interface RowTree {
  /** The length of each row, its prefix included. */
  rowLengths: readonly number[];
  /**
   * The prefix of each row. An earlier row may have a prefix of its own.
   *
   * @default {none}
   */
  prefixes?: readonly RowPrefix[];
}

/** Says for each row where each of its positions is packed. */
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
 * Finds the ways. Padding repeats a row's last position: under a causal mask no other one looks at it, so that it changes
 * neither value nor gradient.
 *
 * @param rows The rows' lengths and prefixes.
 * @param laidLengths The length that each row is laid out to, at least its own.
 */
export function rowLayout(rows: RowTree, laidLengths: readonly number[]): RowLayout {
  const { rowLengths, prefixes } = rows;
  if (!sharesPrefixes(rows) && rowLengths.every((length, row) => length === laidLengths[row])) {
    return { lay: (packed) => packed, pack: (laid) => laid };
  }
  /** For each laid position, the packed one; and for each packed position, a laid one. */
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
