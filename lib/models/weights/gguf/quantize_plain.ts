/**
 * Blocks of 32 numbers with one scale: Q8_0 and Q4_0, bitwise the same as ggml's quantisation.
 *
 * ggml computes in float32, so that each operation here is rounded to it.
 *
 * @module
 */

/** Numbers of a block. */
const BLOCK = 32;

/** Writes the blocks of numbers, one after another from the start of `bytes`. */
export type Encoder = (numbers: Float32Array, bytes: Uint8Array<ArrayBuffer>) => void;

const float32 = Math.fround;

/** The inverse of a scale in float32, 0 for 0. */
const inverse = (scale: number): number => scale === 0 ? 0 : float32(1 / scale);

/**
 * Q8_0: a scale d in float16 and 32 whole numbers q of 8 bits, x ≈ d q. d is the largest size over 127, and q is rounded to
 * the nearest, halves away from zero.
 */
export const encodeQ8_0: Encoder = (numbers, bytes) => {
  const blockBytes = 2 + BLOCK;
  const [scales, whole] = [new Float16Array(bytes.buffer, bytes.byteOffset, bytes.length >> 1), signed(bytes)];
  for (let from = 0, at = 0; from < numbers.length; from += BLOCK, at += blockBytes) {
    let most = 0;
    for (let i = from; i < from + BLOCK; i++) most = Math.max(most, Math.abs(numbers[i]));
    const scale = float32(most / 127);
    const perScale = inverse(scale);
    scales[at >> 1] = scale;
    for (let i = 0; i < BLOCK; i++) {
      const quotient = float32(numbers[from + i] * perScale);
      const size = Math.floor(Math.abs(quotient) + 0.5);
      whole[at + 2 + i] = quotient < 0 ? -size : size;
    }
  }
};

/**
 * Q4_0: a scale d in float16 and 32 whole numbers q from 0 to 15, x ≈ d (q − 8). d is the number of the largest size over
 * −8, sign and all, so that this one is met exactly.
 */
export const encodeQ4_0: Encoder = (numbers, bytes) => {
  const half = BLOCK / 2;
  const scales = new Float16Array(bytes.buffer, bytes.byteOffset, bytes.length >> 1);
  const nibble = (number: number, perScale: number): number =>
    Math.min(15, Math.trunc(float32(float32(number * perScale) + 8.5)));
  for (let from = 0, at = 0; from < numbers.length; from += BLOCK, at += 2 + half) {
    let most = numbers[from];
    for (let i = from + 1; i < from + BLOCK; i++) if (Math.abs(numbers[i]) > Math.abs(most)) most = numbers[i];
    const scale = float32(most / -8);
    const perScale = inverse(scale);
    scales[at >> 1] = scale;
    for (let i = 0; i < half; i++) {
      const [low, high] = [nibble(numbers[from + i], perScale), nibble(numbers[from + half + i], perScale)];
      bytes[at + 2 + i] = low | (high << 4);
    }
  }
};

const signed = ({ buffer, byteOffset, length }: Uint8Array<ArrayBuffer>): Int8Array =>
  new Int8Array(buffer, byteOffset, length);
