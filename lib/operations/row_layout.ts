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
  /** `[S, W]` to `[L, W]`: the shared prefix before each row, padding behind it. */
  lay(packed: tf.Tensor): tf.Tensor;
  /** `[L, W]` to `[S, W]`: the shared prefix from one of the rows, without padding. */
  pack(laid: tf.Tensor): tf.Tensor;
}

/** Rows as they are packed. */
export interface PackedRows {
  /** The length of each row, the shared prefix included. */
  rowLengths: readonly number[];
  /** How many first positions all rows share; they are packed once, before the rows. */
  prefixLength: number;
}

/**
 * Finds the ways. Padding repeats some real position: under a causal mask no real position looks at it, so that it
 * changes neither value nor gradient.
 *
 * @param rows The rows' lengths and their shared prefix.
 * @param laidLengths The length that each row is laid out to, at least its own.
 */
export function rowLayout({ rowLengths, prefixLength }: PackedRows, laidLengths: readonly number[]): RowLayout {
  if (prefixLength === 0 && rowLengths.every((length, row) => length === laidLengths[row])) {
    return { lay: (packed) => packed, pack: (laid) => laid };
  }
  /** For each laid position, the packed one; and for each packed position, a laid one. */
  const [packedOf, laidOf]: number[][] = [[], []];
  let end = prefixLength;
  rowLengths.forEach((length, row) => {
    const start = packedOf.length;
    for (let place = 0; place < laidLengths[row]; place++) {
      const own = place >= prefixLength && place < length;
      if (own) laidOf[end] = start + place;
      else if (place < prefixLength) laidOf[place] = start + place;
      packedOf.push(own ? end++ : Math.min(place, end - 1));
    }
  });
  const [lay, pack] = [tf.tensor1d(packedOf, "int32"), tf.tensor1d(laidOf, "int32")];
  return { lay: (packed) => tf.gather(packed, lay), pack: (laid) => tf.gather(laid, pack) };
}
