/**
 * Blocks of 4-bit numbers that stand for the entries of a table: IQ4_NL, IQ4_XS, MXFP4.
 *
 * Source: ggml, `ggml-common.h`, `ggml-quants.c`; Open Compute Project, "OCP microscaling formats (MX) specification", 2023.
 *
 * @module
 */
import type { Decoder } from "./block_bytes.ts";

/** Denser where numbers are small. */
const UNEVEN = new Int8Array([-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113]);

/** Twice the numbers of a sign, two bits of exponent and one of mantissa. */
export const TWICE_FP4 = new Int8Array([0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12]);

/** scale, 16 bytes: `scale · table[q]`. */
export const decodeIQ4_NL: Decoder = ({ bytes, halves, count }, into) => {
  for (let block = 0, at = 0; block < count; block++, at += 32) {
    const scale = halves[block * 9];
    const quants = block * 18 + 2;
    for (let i = 0; i < 16; i++) {
      const pair = bytes[quants + i];
      into[at + i] = scale * UNEVEN[pair & 15];
      into[at + i + 16] = scale * UNEVEN[pair >> 4];
    }
  }
};

/**
 * The factor, two bytes of the high bits of eight scales and four of their low bits, 128 bytes:
 * `d · (scale − 32) · table[q]`.
 */
export const decodeIQ4_XS: Decoder = ({ bytes, halves, count }, into) => {
  let at = 0;
  for (let block = 0; block < count; block++) {
    const start = block * 136;
    const d = halves[start / 2];
    const high = bytes[start + 2] | bytes[start + 3] << 8;
    for (let group = 0; group < 8; group++, at += 32) {
      const low = bytes[start + 4 + (group >> 1)] >> (group & 1) * 4 & 15;
      const scale = d * ((low | (high >> 2 * group & 3) << 4) - 32);
      const quants = start + 8 + group * 16;
      for (let i = 0; i < 16; i++) {
        const pair = bytes[quants + i];
        into[at + i] = scale * UNEVEN[pair & 15];
        into[at + i + 16] = scale * UNEVEN[pair >> 4];
      }
    }
  }
};

/** An exponent, 16 bytes: `2^(exponent − 127) · table[q]`. */
export const decodeMXFP4: Decoder = ({ bytes, count }, into) => {
  for (let block = 0, at = 0; block < count; block++, at += 32) {
    const scale = 2 ** (bytes[block * 17] - 128); // the table's numbers are twice as large
    const quants = block * 17 + 1;
    for (let i = 0; i < 16; i++) {
      const pair = bytes[quants + i];
      into[at + i] = scale * TWICE_FP4[pair & 15];
      into[at + i + 16] = scale * TWICE_FP4[pair >> 4];
    }
  }
};
