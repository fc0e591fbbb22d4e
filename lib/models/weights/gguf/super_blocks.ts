/**
 * Blocks of 256 numbers in groups of 16 or 32, each with a scale in few bits, all of which share a scale: Q2_K to Q6_K,
 * and Q8_K, which has but one.
 *
 * Source: ggml, `ggml-common.h`, `ggml-quants.c`.
 *
 * @module
 */
import type { BlockBytes, Decoder } from "./block_bytes.ts";

/** 16 bytes of scale and least (4 bits each), 64 of 2-bit numbers, both factors: `d · scale · q − m · least`. */
export const decodeQ2_K: Decoder = ({ bytes, halves, count }, into) => {
  let at = 0;
  for (let block = 0; block < count; block++) {
    const start = block * 84;
    const [d, m] = [halves[(start + 80) / 2], halves[(start + 82) / 2]];
    for (let group = 0; group < 16; group++, at += 16) {
      const both = bytes[start + group];
      const [scale, least] = [d * (both & 15), m * (both >> 4)];
      // 32 bytes hold 128 numbers: four times two groups, two bits higher each time.
      const quants = start + 16 + (group >> 3) * 32 + (group & 1) * 16;
      const shift = group & 6;
      for (let i = 0; i < 16; i++) into[at + i] = scale * (bytes[quants + i] >> shift & 3) - least;
    }
  }
};

/** 32 bytes of third bits, 64 of the others, 12 of scales (6 bits each), the factor: `d · (scale − 32) · q`. */
export const decodeQ3_K: Decoder = ({ bytes, halves, count }, into) => {
  let at = 0;
  for (let block = 0; block < count; block++) {
    const start = block * 110;
    const d = halves[(start + 108) / 2];
    for (let group = 0; group < 16; group++, at += 16) {
      const low = bytes[start + 96 + (group & 7)] >> (group >> 3) * 4 & 15;
      const high = bytes[start + 104 + (group & 3)] >> (group >> 2) * 2 & 3;
      const scale = d * ((low | high << 4) - 32);
      const quants = start + 32 + (group >> 3) * 32 + (group & 1) * 16;
      const [shift, thirds, third] = [group & 6, start + (group & 1) * 16, group >> 1];
      for (let i = 0; i < 16; i++) {
        // A third bit that is not set takes 4 off.
        into[at + i] = scale * ((bytes[quants + i] >> shift & 3) - ((bytes[thirds + i] >> third & 1 ^ 1) << 2));
      }
    }
  }
};

/** Both factors, 12 bytes of scale and least (6 bits each), 128 of 4-bit numbers: `d · scale · q − m · least`. */
export const decodeQ4_K: Decoder = ({ bytes, halves, count }, into) => {
  let at = 0;
  for (let block = 0; block < count; block++) {
    const start = block * 144;
    const [d, m] = [halves[start / 2], halves[start / 2 + 1]];
    for (let group = 0; group < 8; group++, at += 32) {
      const scale = d * sixBits(bytes, start + 4, group);
      const least = m * leastBits(bytes, start + 4, group);
      const quants = start + 16 + (group >> 1) * 32;
      const shift = (group & 1) * 4;
      for (let i = 0; i < 32; i++) into[at + i] = scale * (bytes[quants + i] >> shift & 15) - least;
    }
  }
};

/** As Q4_K, with 32 bytes of fifth bits before the others. */
export const decodeQ5_K: Decoder = ({ bytes, halves, count }, into) => {
  let at = 0;
  for (let block = 0; block < count; block++) {
    const start = block * 176;
    const [d, m] = [halves[start / 2], halves[start / 2 + 1]];
    for (let group = 0; group < 8; group++, at += 32) {
      const scale = d * sixBits(bytes, start + 4, group);
      const least = m * leastBits(bytes, start + 4, group);
      const [fifths, quants] = [start + 16, start + 48 + (group >> 1) * 32];
      const shift = (group & 1) * 4;
      for (let i = 0; i < 32; i++) {
        const quant = bytes[quants + i] >> shift & 15 | (bytes[fifths + i] >> group & 1) << 4;
        into[at + i] = scale * quant - least;
      }
    }
  }
};

/** 128 bytes of four low bits, 64 of two high ones, 16 of scales, the factor: `d · scale · (q − 32)`. */
export const decodeQ6_K: Decoder = ({ bytes, signed, halves, count }: BlockBytes, into) => {
  let at = 0;
  for (let block = 0; block < count; block++) {
    const start = block * 210;
    const d = halves[(start + 208) / 2];
    for (let group = 0; group < 16; group++, at += 16) {
      const scale = d * signed[start + 192 + group];
      const [half, part, side] = [group >> 3, group >> 1 & 3, group & 1];
      const low = start + half * 64 + (part & 1) * 32 + side * 16;
      const high = start + 128 + half * 32 + side * 16;
      const [lowShift, highShift] = [(part >> 1) * 4, part * 2];
      for (let i = 0; i < 16; i++) {
        into[at + i] = scale * ((bytes[low + i] >> lowShift & 15 | (bytes[high + i] >> highShift & 3) << 4) - 32);
      }
    }
  }
};

/** The factor as float32, 256 bytes, 16 sums that only products need: `d · q`. */
export const decodeQ8_K: Decoder = ({ bytes, signed, count }, into) => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let block = 0, at = 0; block < count; block++, at += 256) {
    const d = view.getFloat32(block * 292, true);
    const quants = block * 292 + 4;
    for (let i = 0; i < 256; i++) into[at + i] = d * signed[quants + i];
  }
};

/** The scale of one of eight groups: six bits in 12 bytes, of the last four groups spread over two places. */
function sixBits(bytes: Uint8Array, at: number, group: number): number {
  if (group < 4) return bytes[at + group] & 63;
  return bytes[at + group + 4] & 15 | bytes[at + group - 4] >> 6 << 4;
}

/** The least number of a group, beside its scale. */
function leastBits(bytes: Uint8Array, at: number, group: number): number {
  if (group < 4) return bytes[at + group + 4] & 63;
  return bytes[at + group + 4] >> 4 | bytes[at + group] >> 6 << 4;
}
