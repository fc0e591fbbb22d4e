/**
 * The list of tensors in a GGUF file, with their offsets.
 *
 * @module
 */
import type { HeaderReader } from "./header_reader.ts";
import { type GgufTensorType, TENSOR_TYPES, tensorTypeOf } from "./tensor_types.ts";

/** A tensor's location, shape and type. */
export interface GgufTensorInfo {
  /** Its storage type. */
  type: GgufTensorType;
  /** Its shape, slowest dimension first, as in safetensors; the file itself lists dimensions in reverse. */
  shape: readonly number[];
  /** The file that holds it, one part of a split model. */
  path: string;
  /** The offset of its first byte in the file. */
  offset: number;
  /** Its size in bytes. */
  byteLength: number;
}

/** ggml's limit on a tensor's number of dimensions. */
const MOST_EXTENTS = 4;

/**
 * The minimum size of an entry: a name's length and a character, a number of dimensions and one of them, a type, an
 * offset.
 */
const SMALLEST_ENTRY = 8 + 1 + 4 + 8 + 4 + 8;

/** What {@linkcode readTensorInfos} needs besides the reader. */
export interface TensorInfoOptions {
  /** The number of tensors that the file claims. */
  count: number | bigint;
  /** Offsets are multiples of this. */
  alignment: number;
}

/**
 * Reads the list, in the order of the file, and checks that each tensor lies within the file and overlaps no other.
 *
 * @param reader Positioned at the start of the list, and afterwards at its end.
 * @throws {SyntaxError} If the list does not follow the format; the message names the tensor.
 */
export function readTensorInfos(reader: HeaderReader, options: TensorInfoOptions): Map<string, GgufTensorInfo> {
  const { count, alignment } = options;
  if (Number(count) * SMALLEST_ENTRY > reader.left) {
    throw reader.corrupt(`it claims ${count} tensors, ${reader.left} bytes follow`);
  }
  const infos = new Map<string, GgufTensorInfo>();
  for (let entry = 0; entry < Number(count); entry++) {
    const name = reader.text(`the name of tensor ${entry + 1}`);
    if (name === "") throw reader.corrupt(`tensor ${entry + 1} has no name`);
    if (infos.has(name)) throw reader.corrupt(`it holds ${JSON.stringify(name)} twice`);
    infos.set(name, readInfo(reader, JSON.stringify(name), alignment));
  }
  // The data starts at the next multiple of the alignment; up to here, offsets are relative to that.
  const start = Math.ceil(reader.position / alignment) * alignment;
  for (const [name, info] of infos) {
    info.offset += start;
    if (info.offset + info.byteLength <= reader.size) continue;
    const end = info.offset + info.byteLength;
    throw reader.corrupt(`"${name}" ends at byte ${end}, the file at ${reader.size}; was it truncated?`);
  }
  checkOverlaps(reader, infos);
  return infos;
}

function readInfo(reader: HeaderReader, name: string, alignment: number): GgufTensorInfo {
  const extents = reader.uint32(name);
  if (extents < 1 || extents > MOST_EXTENTS) {
    throw reader.corrupt(`${name} must have 1 to ${MOST_EXTENTS} dimensions, current value is ${extents}`);
  }
  const shape = Array.from({ length: extents }, () => reader.uint64(name)).reverse();
  const id = reader.uint32(name);
  const type = tensorTypeOf(id);
  if (type === undefined) {
    const known = Object.entries(TENSOR_TYPES).map(([name, { id }]) => `${id} (${name})`).join(", ");
    throw reader.corrupt(`the type of ${name} must be one of ${known}, current value is ${id}`);
  }
  const size = shape.reduce<number>((product, extent) => product * Number(extent), 1);
  if (shape.some((extent) => extent < 1) || !Number.isSafeInteger(size)) {
    throw reader.corrupt(`the dimensions of ${name} must be positive whole numbers, current value is [${shape}]`);
  }
  const { blockSize, blockBytes } = TENSOR_TYPES[type];
  const width = Number(shape.at(-1));
  if (width % blockSize !== 0) {
    throw reader.corrupt(
      `the row length of ${name} must be a multiple of ${blockSize} in ${type}, current value is ${width}`,
    );
  }
  const offset = reader.uint64(name);
  if (typeof offset === "bigint" || offset % alignment !== 0) {
    throw reader.corrupt(`the offset of ${name} must be a multiple of ${alignment}, current value is ${offset}`);
  }
  return { type, shape: shape.map(Number), path: reader.path, offset, byteLength: size / blockSize * blockBytes };
}

function checkOverlaps(reader: HeaderReader, infos: ReadonlyMap<string, GgufTensorInfo>): void {
  let [end, last] = [0, ""];
  for (const [name, { offset, byteLength }] of [...infos].sort(([, a], [, b]) => a.offset - b.offset)) {
    if (offset < end) throw reader.corrupt(`"${name}" overlaps "${last}"`);
    [end, last] = [offset + byteLength, name];
  }
}
