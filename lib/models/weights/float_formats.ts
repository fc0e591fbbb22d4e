/**
 * Converts the number formats of weight files to and from float32.
 *
 * @module
 */

/** A format that weights are stored in. */
export type WeightFormat = "F32" | "F16" | "BF16";

/** Bytes per value in each format. */
export const bytesPerNumber: Readonly<Record<WeightFormat, number>> = { F32: 4, F16: 2, BF16: 2 };

/** Bytes per element in each format that a file may hold, weights or not. */
export const bytesPerElement: Readonly<Record<string, number>> = {
  ...bytesPerNumber,
  F64: 8,
  I64: 8,
  U64: 8,
  I32: 4,
  U32: 4,
  I16: 2,
  U16: 2,
  I8: 1,
  U8: 1,
  BOOL: 1,
  F8_E4M3: 1,
  F8_E5M2: 1,
};

/** Whether weights can be read from the format. */
export function isWeightFormat(format: string): format is WeightFormat {
  return Object.hasOwn(bytesPerNumber, format);
}

/**
 * Reads values.
 *
 * @param bytes Little-endian.
 * @returns The values as float32, exactly.
 */
export function toFloat32(bytes: Uint8Array<ArrayBuffer>, format: WeightFormat): Float32Array<ArrayBuffer> {
  const numbers = new Float32Array(bytes.byteLength / bytesPerNumber[format]);
  storedPlace(numbers, format).set(bytes);
  return widen(numbers, format);
}

/**
 * The last bytes of an array, where values are placed in their stored format before {@linkcode widen} converts them to
 * float32.
 */
export function storedPlace(numbers: Float32Array<ArrayBuffer>, format: WeightFormat): Uint8Array<ArrayBuffer> {
  const { buffer, byteOffset, byteLength, length } = numbers;
  const stored = length * bytesPerNumber[format];
  return new Uint8Array(buffer, byteOffset + byteLength - stored, stored);
}

/** Converts the values at the {@linkcode storedPlace} to float32, exactly, in the same memory. */
export function widen(numbers: Float32Array<ArrayBuffer>, format: WeightFormat): Float32Array<ArrayBuffer> {
  if (format === "F32") return numbers;
  const { buffer, byteOffset } = storedPlace(numbers, format);
  const { length } = numbers;
  // Value i is written at 4 i, which never exceeds the offset 2 length + 2 i that it is read from.
  if (format === "F16") {
    const halves = new Float16Array(buffer, byteOffset, length);
    for (let i = 0; i < length; i++) numbers[i] = halves[i];
  } else {
    const [halves, bits] = [
      new Uint16Array(buffer, byteOffset, length),
      new Uint32Array(buffer, numbers.byteOffset, length),
    ];
    for (let i = 0; i < length; i++) bits[i] = halves[i] << 16;
  }
  return numbers;
}

/**
 * Encodes values, rounded to the nearest, ties to even.
 *
 * @returns Little-endian bytes.
 * @throws {RangeError} If a finite value is too large for the format.
 */
export function fromFloat32(numbers: Float32Array<ArrayBuffer>, format: WeightFormat): Uint8Array<ArrayBuffer> {
  if (format === "F32") return new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
  if (format === "F16") {
    const halves = new Float16Array(numbers);
    const lost = halves.findIndex((half, i) => !Number.isFinite(half) && Number.isFinite(numbers[i]));
    if (lost >= 0) {
      throw new RangeError(`Cannot store F16: values must be below 65520, current value is ${numbers[lost]}`);
    }
    return new Uint8Array(halves.buffer);
  }
  const bits = new Uint32Array(numbers.buffer, numbers.byteOffset, numbers.length);
  const halves = new Uint16Array(numbers.length);
  for (let i = 0; i < bits.length; i++) {
    const isNaN = (bits[i] & 0x7fffffff) > 0x7f800000; // adding to its mantissa could turn a NaN into infinity
    halves[i] = isNaN ? 0x7fc0 : (bits[i] + 0x7fff + ((bits[i] >>> 16) & 1)) >>> 16;
  }
  return new Uint8Array(halves.buffer);
}
