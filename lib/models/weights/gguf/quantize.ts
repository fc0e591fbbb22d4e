/**
 * Quantises values to the blocks of a GGUF tensor.
 *
 * @module
 */
import { TENSOR_TYPES } from "../../../files/gguf/tensor_types.ts";
import { fromFloat32, isWeightFormat, type WeightFormat } from "../float_formats.ts";
import { encodeQ4_0, encodeQ8_0, type Encoder } from "./quantize_plain.ts";
import { encodeQ4_K } from "./quantize_super.ts";

/** The types in which GGUF files can be written. */
export type GgufPrecision = WeightFormat | "Q8_0" | "Q4_0" | "Q4_K";

const ENCODERS: Readonly<Record<Exclude<GgufPrecision, WeightFormat>, Encoder>> = {
  Q8_0: encodeQ8_0,
  Q4_0: encodeQ4_0,
  Q4_K: encodeQ4_K,
};

/** All of them. */
export const GGUF_PRECISIONS = ["F32", "F16", "BF16", "Q8_0", "Q4_0", "Q4_K"] as const satisfies GgufPrecision[];

/** The largest scale of a block, which is a float16. */
const LARGEST_SCALE = 65504;

/**
 * Quantises values.
 *
 * @param numbers Rows whose length is a multiple of the type's block, one after another.
 * @param type The type.
 * @returns The blocks.
 * @throws {RangeError} If a value is not finite or too large for the type, or their count is not a multiple of a block.
 *
 * @example A block of Q8_0
 * ```ts
 * import assert from "node:assert/strict";
 * import { dequantize } from "./dequantize.ts";
 * import { quantize } from "./quantize.ts";
 *
 * const numbers = Float32Array.from({ length: 32 }, (_, place) => place - 16);
 * const into = new Float32Array(32);
 * dequantize(quantize(numbers, "Q8_0"), { type: "Q8_0", into });
 * assert(into.every((number, place) => Math.abs(number - numbers[place]) < 16 / 127));
 * ```
 */
export function quantize(numbers: Float32Array<ArrayBuffer>, type: GgufPrecision): Uint8Array<ArrayBuffer> {
  let most = 0;
  for (let i = 0; i < numbers.length; i++) {
    const size = Math.abs(numbers[i]);
    if (!(size < Infinity)) {
      throw new RangeError(`Cannot store ${type}: values must be finite, current value is ${numbers[i]}`);
    }
    if (size > most) most = size;
  }
  if (isWeightFormat(type)) return fromFloat32(numbers, type);
  const { blockSize, blockBytes } = TENSOR_TYPES[type];
  if (numbers.length % blockSize !== 0) {
    throw new RangeError(
      `Cannot store ${type}: the number of values must be a multiple of ${blockSize}, current value is ` +
        numbers.length,
    );
  }
  const levels = type === "Q8_0" ? 127 : 8;
  if (most / levels > LARGEST_SCALE) {
    throw new RangeError(
      `Cannot store ${type}: values must be at most ${levels * LARGEST_SCALE}, current value is ${most}`,
    );
  }
  const bytes = new Uint8Array(numbers.length / blockSize * blockBytes);
  ENCODERS[type](numbers, bytes);
  return bytes;
}
