/**
 * Writes GGUF files in chunks, so that a large model is never held twice.
 *
 * Source: ggml, `docs/gguf.md`.
 *
 * @module
 */
import { type GgufTensorType, TENSOR_TYPES } from "./tensor_types.ts";

/** A metadata value to write; numbers state their type. */
export type GgufEntry =
  | string
  | boolean
  | { readonly uint32: number }
  | { readonly int32: number }
  | { readonly float32: number }
  | readonly string[]
  | Int32Array
  | Float32Array;

/** A tensor to write. */
export interface GgufTensorShape {
  /** Its storage type. */
  type: GgufTensorType;
  /** Its shape, slowest dimension first. */
  shape: readonly number[];
}

/** What a file is to hold. */
export interface GgufContent {
  /** Values by key. */
  metadata: ReadonlyMap<string, GgufEntry>;
  /** Tensors by name, in the order in which `bytes` gives them. */
  tensors: ReadonlyMap<string, GgufTensorShape>;
  /** Returns a tensor's blocks when its turn comes. */
  bytes: (name: string) => Promise<Uint8Array>;
}

/** Offsets are multiples of this. */
const ALIGNMENT = 32;
const MAGIC = 0x46554747;
const VERSION = 3;

/** The format's type ids. */
const TYPE = { uint32: 4, int32: 5, float32: 6, boolean: 7, text: 8, list: 9 } as const;

/** The bytes that a tensor occupies. */
export function tensorBytes({ type, shape }: GgufTensorShape): number {
  const { blockSize, blockBytes } = TENSOR_TYPES[type];
  return shape.reduce((product, extent) => product * extent, 1) / blockSize * blockBytes;
}

/**
 * Lays a file out.
 *
 * @param content What it is to hold.
 * @throws {RangeError} If a tensor's row length is not a multiple of its type's block size, a number does not fit its
 * type, or a tensor's bytes are too few or too many; the message names the tensor or the key.
 */
export async function* encodeGguf({ metadata, tensors, bytes }: GgufContent): AsyncGenerator<Uint8Array> {
  const header = new ByteWriter();
  header.uint32(MAGIC);
  header.uint32(VERSION);
  header.uint64(tensors.size);
  header.uint64(metadata.size);
  for (const [key, value] of metadata) {
    header.text(key);
    writeEntry(header, value, key);
  }
  let offset = 0;
  for (const [name, tensor] of tensors) {
    checkRows(name, tensor);
    header.text(name);
    header.uint32(tensor.shape.length);
    for (const extent of tensor.shape.toReversed()) header.uint64(extent);
    header.uint32(TENSOR_TYPES[tensor.type].id);
    header.uint64(offset);
    offset += padded(tensorBytes(tensor));
  }
  header.fill(padded(header.length) - header.length);
  yield header.bytes();
  for (const [name, tensor] of tensors) {
    const stored = await bytes(name);
    const wanted = tensorBytes(tensor);
    if (stored.length !== wanted) {
      throw new RangeError(`Cannot write "${name}": ${wanted} bytes are needed, current value is ${stored.length}`);
    }
    yield stored;
    if (padded(wanted) > wanted) yield new Uint8Array(padded(wanted) - wanted);
  }
}

const padded = (bytes: number): number => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;

function checkRows(name: string, { type, shape }: GgufTensorShape): void {
  const { blockSize } = TENSOR_TYPES[type];
  if (shape.length > 0 && shape.at(-1)! % blockSize === 0) return;
  throw new RangeError(
    `Cannot write "${name}" as ${type}: its row length must be a multiple of ${blockSize}, current shape is [${shape}]`,
  );
}

function writeEntry(writer: ByteWriter, value: GgufEntry, key: string): void {
  if (typeof value === "string") {
    writer.uint32(TYPE.text);
    writer.text(value);
  } else if (typeof value === "boolean") {
    writer.uint32(TYPE.boolean);
    writer.uint8(Number(value));
  } else if (value instanceof Int32Array || value instanceof Float32Array) {
    writer.list(value instanceof Int32Array ? TYPE.int32 : TYPE.float32, value.length);
    writer.numbers(value);
  } else if ("int32" in value) {
    if (!(Number.isInteger(value.int32) && value.int32 >= -(2 ** 31) && value.int32 < 2 ** 31)) {
      throw new RangeError(
        `Cannot write "${key}": a whole number of 4 bytes is needed, current value is ${value.int32}`,
      );
    }
    writer.uint32(TYPE.int32);
    writer.numbers(Int32Array.of(value.int32));
  } else if ("uint32" in value) {
    if (!(Number.isInteger(value.uint32) && value.uint32 >= 0 && value.uint32 < 2 ** 32)) {
      throw new RangeError(
        `Cannot write "${key}": a whole number below 2^32 is needed, current value is ${value.uint32}`,
      );
    }
    writer.uint32(TYPE.uint32);
    writer.uint32(value.uint32);
  } else if ("float32" in value) {
    if (!Number.isFinite(Math.fround(value.float32))) {
      throw new RangeError(`Cannot write "${key}": a finite number is needed, current value is ${value.float32}`);
    }
    writer.uint32(TYPE.float32);
    writer.numbers(Float32Array.of(value.float32));
  } else {
    writer.list(TYPE.text, value.length);
    for (const text of value) writer.text(text);
  }
}

/** Little-endian values one after another, in memory that grows. */
class ByteWriter {
  #bytes = new Uint8Array(1 << 16);
  #view = new DataView(this.#bytes.buffer);
  readonly #encoder = new TextEncoder();
  length = 0;

  uint8(value: number): void {
    this.#bytes[this.#take(1)] = value;
  }

  uint32(value: number): void {
    const at = this.#take(4); // before the view is taken, which it may replace
    this.#view.setUint32(at, value, true);
  }

  uint64(value: number): void {
    const at = this.#take(8);
    this.#view.setBigUint64(at, BigInt(value), true);
  }

  text(value: string): void {
    const bytes = this.#encoder.encode(value);
    this.uint64(bytes.length);
    this.#append(bytes);
  }

  /** A list's header. */
  list(type: number, count: number): void {
    this.uint32(TYPE.list);
    this.uint32(type);
    this.uint64(count);
  }

  numbers({ buffer, byteOffset, byteLength }: Int32Array | Float32Array): void {
    this.#append(new Uint8Array(buffer, byteOffset, byteLength));
  }

  fill(count: number): void {
    this.#append(new Uint8Array(count));
  }

  bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.length);
  }

  #append(bytes: Uint8Array): void {
    const at = this.#take(bytes.length);
    this.#bytes.set(bytes, at);
  }

  /** Reserves space and returns its offset. */
  #take(count: number): number {
    const at = this.length;
    this.length += count;
    if (this.length > this.#bytes.length) {
      const larger = new Uint8Array(2 * this.length);
      larger.set(this.#bytes.subarray(0, at));
      this.#bytes = larger;
      this.#view = new DataView(larger.buffer);
    }
    return at;
  }
}
