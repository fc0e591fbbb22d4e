/**
 * The bytes of a tensor's blocks, as the functions that make numbers of them read them.
 *
 * All products and sums are exact in float64 (a scale has 11 significant bits, what it is multiplied by at most 14), so
 * that the one rounding is that to float32 where a number is stored, as in ggml.
 *
 * @module
 */

/** The same bytes in the ways in which they are read. */
export interface BlockBytes {
  bytes: Uint8Array;
  signed: Int8Array;
  /** The bytes as halves, where blocks have an even count of bytes; the half of byte `i` is at `i / 2`. */
  halves: Float16Array;
  /** How many blocks there are. */
  count: number;
}

/** Makes the numbers of blocks, one block after another from the start of `into`. */
export type Decoder = (blocks: BlockBytes, into: Float32Array) => void;
