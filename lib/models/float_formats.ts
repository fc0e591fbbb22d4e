/**
 * The number formats of weights in files, to and from float32.
 *
 * @module
 */

/** A format that weights are stored in. */
export type WeightFormat = "F32" | "F16" | "BF16";

/** Bytes of a number in each format. */
export const bytesPerNumber: Readonly<Record<WeightFormat, number>> = { F32: 4, F16: 2, BF16: 2 };

/** Bytes of an element in each format that a file may hold, weights or not. */
export const bytesPerElement: Readonly<Record<string, number>> = {
  ...bytesPerNumber,
  ...{ F64: 8, I64: 8, U64: 8, I32: 4, U32: 4, I16: 2, U16: 2, I8: 1, U8: 1, BOOL: 1, F8_E4M3: 1, F8_E5M2: 1 },
};

/** Whether weights can be read from the format. */
export function isWeightFormat(format: string): format is WeightFormat {
  return Object.hasOwn(bytesPerNumber, format);
}

/**
 * Reads numbers.
 *
 * @param bytes Little-endian; their offset in the buffer must be a multiple of 4.
 * @returns The numbers as float32, exactly.
 */
export function toFloat32(bytes: Uint8Array<ArrayBuffer>, format: WeightFormat): Float32Array<ArrayBuffer> {
  const count = bytes.byteLength / bytesPerNumber[format];
  if (format === "F32") return new Float32Array(bytes.buffer, bytes.byteOffset, count);
  if (format === "F16") return new Float32Array(new Float16Array(bytes.buffer, bytes.byteOffset, count));
  const halves = new Uint16Array(bytes.buffer, bytes.byteOffset, count);
  const bits = new Uint32Array(count);
  for (let i = 0; i < count; i++) bits[i] = halves[i] << 16;
  return new Float32Array(bits.buffer);
}

/**
 * Writes numbers, rounded to the nearest, ties to even.
 *
 * @returns Little-endian bytes.
 * @throws {RangeError} If a finite number is too large for the format.
 */
export function fromFloat32(numbers: Float32Array<ArrayBuffer>, format: WeightFormat): Uint8Array<ArrayBuffer> {
  if (format === "F32") return new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
  if (format === "F16") {
    const halves = new Float16Array(numbers);
    const lost = halves.findIndex((half, i) => !Number.isFinite(half) && Number.isFinite(numbers[i]));
    if (lost >= 0) {
      throw new RangeError(`Cannot store F16: numbers must be below 65520, current value is ${numbers[lost]}`);
    }
    return new Uint8Array(halves.buffer);
  }
  const bits = new Uint32Array(numbers.buffer, numbers.byteOffset, numbers.length);
  const halves = new Uint16Array(numbers.length);
  for (let i = 0; i < bits.length; i++) {
    const isNaN = (bits[i] & 0x7fffffff) > 0x7f800000; // adding to its mantissa could make a NaN an infinity
    halves[i] = isNaN ? 0x7fc0 : (bits[i] + 0x7fff + ((bits[i] >>> 16) & 1)) >>> 16;
  }
  return new Uint8Array(halves.buffer);
}
