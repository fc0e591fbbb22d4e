/**
 * Blocks of 32 numbers that share a scale, and in those of kind 1 a least number too: Q4_0, Q4_1, Q5_0, Q5_1, Q8_0.
 *
 * In a byte of two numbers, the first of a block's halves is in its low bits and the second in its high ones.
 *
 * Source: ggml, `ggml-common.h`, `ggml-quants.c`.
 *
 * @module
 */
import type { BlockBytes, Decoder } from "./block_bytes.ts";

/** scale, 16 bytes of 4-bit numbers: `scale · (q − 8)`. */
export const decodeQ4_0: Decoder = ({ bytes, halves, count }, into) => {
  for (let block = 0, at = 0; block < count; block++, at += 32) {
    const scale = halves[block * 9];
    const quants = block * 18 + 2;
    for (let i = 0; i < 16; i++) {
      const pair = bytes[quants + i];
      into[at + i] = scale * ((pair & 15) - 8);
      into[at + i + 16] = scale * ((pair >> 4) - 8);
    }
  }
};

/** scale, least, 16 bytes of 4-bit numbers: `scale · q + least`. */
export const decodeQ4_1: Decoder = ({ bytes, halves, count }, into) => {
  for (let block = 0, at = 0; block < count; block++, at += 32) {
    const [scale, least] = [halves[block * 10], halves[block * 10 + 1]];
    const quants = block * 20 + 4;
    for (let i = 0; i < 16; i++) {
      const pair = bytes[quants + i];
      into[at + i] = scale * (pair & 15) + least;
      into[at + i + 16] = scale * (pair >> 4) + least;
    }
  }
};

/** scale, the fifth bits of all, 16 bytes of the others: `scale · (q − 16)`. */
export const decodeQ5_0: Decoder = ({ bytes, halves, count }, into) => {
  for (let block = 0, at = 0; block < count; block++, at += 32) {
    const scale = halves[block * 11];
    const fifths = fourBytes(bytes, block * 22 + 2);
    const quants = block * 22 + 6;
    for (let i = 0; i < 16; i++) {
      const pair = bytes[quants + i];
      into[at + i] = scale * ((pair & 15 | (fifths >>> i & 1) << 4) - 16);
      into[at + i + 16] = scale * ((pair >> 4 | (fifths >>> i + 16 & 1) << 4) - 16);
    }
  }
};

/** scale, least, the fifth bits of all, 16 bytes of the others: `scale · q + least`. */
export const decodeQ5_1: Decoder = ({ bytes, halves, count }, into) => {
  for (let block = 0, at = 0; block < count; block++, at += 32) {
    const [scale, least] = [halves[block * 12], halves[block * 12 + 1]];
    const fifths = fourBytes(bytes, block * 24 + 4);
    const quants = block * 24 + 8;
    for (let i = 0; i < 16; i++) {
      const pair = bytes[quants + i];
      into[at + i] = scale * (pair & 15 | (fifths >>> i & 1) << 4) + least;
      into[at + i + 16] = scale * (pair >> 4 | (fifths >>> i + 16 & 1) << 4) + least;
    }
  }
};

/** scale, 32 bytes: `scale · q`. */
export const decodeQ8_0: Decoder = ({ signed, halves, count }: BlockBytes, into) => {
  for (let block = 0, at = 0; block < count; block++, at += 32) {
    const scale = halves[block * 17];
    const quants = block * 34 + 2;
    for (let i = 0; i < 32; i++) into[at + i] = scale * signed[quants + i];
  }
};

const fourBytes = (bytes: Uint8Array, at: number): number =>
  bytes[at] | bytes[at + 1] << 8 | bytes[at + 2] << 16 | bytes[at + 3] << 24;
