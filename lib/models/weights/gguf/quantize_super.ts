/**
 * Super-blocks of 256 numbers: Q4_K.
 *
 * A super-block has eight blocks of 32 numbers, x ≈ d s q − e m, with whole q from 0 to 15, whole s and m from 0 to 63 for each
 * block, and d and e in float16 for all eight. A block's scale a and offset b are those of the least squared error over
 * several ways to round; s and m are rounded from them, and q last of all, by what is stored.
 *
 * Source: the format is ggml's (`ggml-quants.c`), whose own quantisation weighs an error in the same way.
 *
 * @module
 */
import type { Encoder } from "./quantize_plain.ts";

const [SUPER, BLOCK, BLOCKS, BYTES] = [256, 32, 8, 144];

/** The largest q, and the largest s and m. */
const [LEVELS, STEPS] = [15, 63];

/** How many levels the first rounding of a block spreads over, in turn. */
const SPREADS = [13.9, 14.3, 14.7, 15.1, 15.6, 16.2];

/** What a block is rounded to: x ≈ scale q − offset. */
interface Fit {
  scale: number;
  offset: number;
  error: number;
}

/** Encodes super-blocks. */
export const encodeQ4_K: Encoder = (numbers, bytes) => {
  const halves = new Float16Array(bytes.buffer, bytes.byteOffset, bytes.length >> 1);
  const fits: Fit[] = Array.from({ length: BLOCKS }, () => ({ scale: 0, offset: 0, error: 0 }));
  const weights = new Float64Array(BLOCK);
  const levels = new Uint8Array(SUPER);
  for (let from = 0, at = 0; from < numbers.length; from += SUPER, at += BYTES) {
    for (let block = 0; block < BLOCKS; block++) {
      const start = from + block * BLOCK;
      fitBlock(numbers.subarray(start, start + BLOCK), { weights, fit: fits[block] });
    }
    const [scale, offset] = [unitOf(fits, "scale"), unitOf(fits, "offset")];
    halves[at >> 1] = scale;
    halves[(at >> 1) + 1] = offset;
    const [scaleUnit, offsetUnit] = [halves[at >> 1], halves[(at >> 1) + 1]];
    bytes.fill(0, at + 4, at + 16);
    for (let block = 0; block < BLOCKS; block++) {
      const [s, m] = [steps(fits[block].scale, scaleUnit), steps(fits[block].offset, offsetUnit)];
      packSteps(bytes, at + 4, { block, s, m });
      const start = block * BLOCK;
      round(numbers.subarray(from + start, from + start + BLOCK), levels.subarray(start, start + BLOCK), {
        scale: scaleUnit * s,
        offset: offsetUnit * m,
      });
    }
    packLevels(bytes, at + 16, levels);
  }
};

const unitOf = (fits: readonly Fit[], key: "scale" | "offset"): number =>
  fits.reduce((most, fit) => Math.max(most, fit[key]), 0) / STEPS;

const steps = (value: number, unit: number): number => unit === 0 ? 0 : Math.min(STEPS, Math.round(value / unit));

/** Rounds each number to its level. */
function round(numbers: Float32Array, levels: Uint8Array, { scale, offset }: Omit<Fit, "error">): void {
  const perScale = scale === 0 ? 0 : 1 / scale;
  for (let i = 0; i < numbers.length; i++) {
    levels[i] = Math.max(0, Math.min(LEVELS, Math.round((numbers[i] + offset) * perScale)));
  }
}

/** Finds scale and offset of a block. An error weighs more where the number is large, as what it is multiplied by is not known. */
function fitBlock(numbers: Float32Array, { weights, fit }: { weights: Float64Array; fit: Fit }): void {
  let low = 0, high = -Infinity, squares = 0;
  for (let i = 0; i < BLOCK; i++) {
    const number = numbers[i];
    if (number < low) low = number;
    if (number > high) high = number;
    squares += number * number;
  }
  Object.assign(fit, { scale: 0, offset: -low, error: Infinity });
  if (high <= low) return;
  const usual = Math.sqrt(squares / BLOCK);
  for (let i = 0; i < BLOCK; i++) weights[i] = usual + Math.abs(numbers[i]);
  for (const spread of SPREADS) {
    const tried = { scale: (high - low) / spread, offset: -low, error: 0 };
    // What fits the levels best may round some numbers to others, which fit better still.
    for (let pass = 0; pass < 2 && improve(numbers, weights, tried); pass++) {
      if (tried.error < fit.error) Object.assign(fit, tried);
    }
  }
}

/**
 * Rounds the numbers by a scale and an offset, and replaces these by those of the least weighted squared error for the
 * levels that came; false where the levels decide none.
 */
function improve(numbers: Float32Array, weights: Float64Array, fit: Fit): boolean {
  const perScale = 1 / fit.scale, before = fit.offset;
  let w = 0, l = 0, ll = 0, x = 0, lx = 0, xx = 0;
  for (let i = 0; i < BLOCK; i++) {
    const number = numbers[i], weight = weights[i];
    const level = Math.max(0, Math.min(LEVELS, Math.round((number + before) * perScale)));
    const weighted = weight * level;
    w += weight;
    l += weighted;
    ll += weighted * level;
    x += weight * number;
    lx += weighted * number;
    xx += weight * number * number;
  }
  const determinant = w * ll - l * l;
  if (!(determinant > 0)) return false;
  let scale = (w * lx - l * x) / determinant, offset = (l * lx - ll * x) / determinant;
  if (offset < 0) { // the format has no other sign
    offset = 0;
    scale = lx / ll;
  }
  if (!(scale > 0)) return false;
  fit.scale = scale;
  fit.offset = offset;
  fit.error = scale * scale * ll + offset * offset * w + xx + 2 * (offset * x - scale * lx - scale * offset * l);
  return true;
}

/** Six bits each for s and m: those of the first four blocks in bytes of their own, whose upper two bits take from the rest. */
function packSteps(
  bytes: Uint8Array,
  at: number,
  { block, s, m }: { block: number; s: number; m: number },
): void {
  if (block < 4) {
    bytes[at + block] |= s;
    bytes[at + 4 + block] |= m;
    return;
  }
  bytes[at + 4 + block] = (s & 15) | ((m & 15) << 4);
  bytes[at + block - 4] |= (s >> 4) << 6;
  bytes[at + block] |= (m >> 4) << 6;
}

/** Two levels a byte: of each 64 numbers, the first 32 in the lower halves. */
function packLevels(bytes: Uint8Array, at: number, levels: Uint8Array): void {
  for (let from = 0; from < SUPER; from += 2 * BLOCK) {
    for (let i = 0; i < BLOCK; i++) {
      bytes[at + from / 2 + i] = levels[from + i] | (levels[from + BLOCK + i] << 4);
    }
  }
}
