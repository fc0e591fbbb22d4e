/**
 * The bytes of a tensor's blocks, as the dequantisation functions read them.
 *
 * All products and sums are exact in float64 (a scale has 11 significant bits, its factor at most 14), so that the only
 * rounding is to float32 when a value is stored, as in ggml.
 *
 * @module
 */

/** Views of the same bytes. */
export interface BlockBytes {
  bytes: Uint8Array;
  signed: Int8Array;
  /** The bytes as 16-bit values, for blocks with an even number of bytes; the value at byte `i` has index `i / 2`. */
  halves: Float16Array;
  /** The number of blocks. */
  count: number;
}

/** Dequantises blocks into `into`, from its start. */
export type Decoder = (blocks: BlockBytes, into: Float32Array) => void;
