/**
 * Dequantises the blocks of a GGUF tensor.
 *
 * @module
 */
import { type GgufTensorType, TENSOR_TYPES } from "../../../files/gguf/tensor_types.ts";
import { isWeightFormat, storedPlace, widen } from "../float_formats.ts";
import type { Decoder } from "./block_bytes.ts";
import { decodeQ4_0, decodeQ4_1, decodeQ5_0, decodeQ5_1, decodeQ8_0 } from "./plain_blocks.ts";
import { decodeQ2_K, decodeQ3_K, decodeQ4_K, decodeQ5_K, decodeQ6_K, decodeQ8_K } from "./super_blocks.ts";
import { decodeIQ4_NL, decodeIQ4_XS, decodeMXFP4 } from "./table_blocks.ts";

const DECODERS: Readonly<Partial<Record<GgufTensorType, Decoder>>> = {
  Q4_0: decodeQ4_0,
  Q4_1: decodeQ4_1,
  Q5_0: decodeQ5_0,
  Q5_1: decodeQ5_1,
  Q8_0: decodeQ8_0,
  Q2_K: decodeQ2_K,
  Q3_K: decodeQ3_K,
  Q4_K: decodeQ4_K,
  Q5_K: decodeQ5_K,
  Q6_K: decodeQ6_K,
  Q8_K: decodeQ8_K,
  IQ4_NL: decodeIQ4_NL,
  IQ4_XS: decodeIQ4_XS,
  MXFP4: decodeMXFP4,
};

/** The types that can be dequantised. */
export const READABLE_TYPES: readonly GgufTensorType[] = [
  "F32",
  "F16",
  "BF16",
  ...Object.keys(DECODERS),
] as readonly GgufTensorType[];

/** Options for {@linkcode dequantize}. */
export interface DequantizeOptions {
  /** Their type, one of {@linkcode READABLE_TYPES}. */
  type: GgufTensorType;
  /** The output: as many values as the blocks hold. */
  into: Float32Array<ArrayBuffer>;
}

/**
 * Converts blocks to float32, each value rounded once: bitwise the same as ggml.
 *
 * @param bytes The blocks, one after another, at an even offset of their buffer.
 * @throws {TypeError} If the type is not readable.
 * @throws {RangeError} If the number of blocks does not match `into`.
 *
 * @example A block of Q4_0: a scale of 0.5, and sixteen times the numbers 3 − 8 and 9 − 8
 * ```ts
 * import assert from "node:assert/strict";
 * import { dequantize } from "./dequantize.ts";
 *
 * const into = new Float32Array(32);
 * dequantize(new Uint8Array([0x00, 0x38, ...new Array(16).fill(0x93)]), { type: "Q4_0", into });
 * assert.deepEqual([into[0], into[31]], [-2.5, 0.5]);
 * ```
 */
export function dequantize(bytes: Uint8Array<ArrayBuffer>, { type, into }: DequantizeOptions): void {
  const { blockSize, blockBytes } = TENSOR_TYPES[type];
  const count = bytes.length / blockBytes;
  if (!Number.isInteger(count) || into.length !== count * blockSize) {
    throw new RangeError(
      `Cannot dequantize ${type}: ${into.length} values take ${
        into.length / blockSize
      } blocks of ${blockBytes} bytes, ` +
        `current value is ${bytes.length} bytes`,
    );
  }
  if (isWeightFormat(type)) {
    storedPlace(into, type).set(bytes);
    widen(into, type);
    return;
  }
  const decode = DECODERS[type];
  if (!decode) {
    throw new TypeError(
      `Cannot dequantize: the type must be one of ${READABLE_TYPES.join(", ")}, current value is ${type}`,
    );
  }
  const { buffer, byteOffset, length } = bytes;
  const [signed, halves] = [
    new Int8Array(buffer, byteOffset, length),
    new Float16Array(buffer, byteOffset, length >> 1),
  ];
  decode({ bytes, signed, halves, count }, into);
}
