/**
 * The metadata of a GGUF file: values by key.
 *
 * @module
 */
import type { HeaderReader } from "./header_reader.ts";

/** A list of numbers of one type. */
export type GgufNumbers =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | BigUint64Array
  | BigInt64Array
  | Float64Array;

/** A list of values of one type: numbers in a typed array, others in a plain one. */
export type GgufList = GgufNumbers | readonly string[] | readonly boolean[] | readonly GgufList[];

/** A value of metadata. 64-bit integers are a bigint if a number would not be exact. */
export type GgufValue = string | boolean | number | bigint | GgufList;

interface ScalarType {
  bytes: number;
  read: (reader: HeaderReader, subject: string) => number | bigint;
  list: new (buffer: ArrayBuffer) => GgufNumbers;
}

const SCALARS: Readonly<Record<number, ScalarType>> = {
  0: { bytes: 1, read: (reader, subject) => reader.uint8(subject), list: Uint8Array },
  1: { bytes: 1, read: (reader, subject) => reader.int8(subject), list: Int8Array },
  2: { bytes: 2, read: (reader, subject) => reader.uint16(subject), list: Uint16Array },
  3: { bytes: 2, read: (reader, subject) => reader.int16(subject), list: Int16Array },
  4: { bytes: 4, read: (reader, subject) => reader.uint32(subject), list: Uint32Array },
  5: { bytes: 4, read: (reader, subject) => reader.int32(subject), list: Int32Array },
  6: { bytes: 4, read: (reader, subject) => reader.float32(subject), list: Float32Array },
  10: { bytes: 8, read: (reader, subject) => reader.uint64(subject), list: BigUint64Array },
  11: { bytes: 8, read: (reader, subject) => reader.int64(subject), list: BigInt64Array },
  12: { bytes: 8, read: (reader, subject) => reader.float64(subject), list: Float64Array },
};
const BOOLEAN = 7;
const TEXT = 8;
const LIST = 9;

/** How deeply lists may nest; no program writes more than two levels. */
const DEEPEST = 8;

/** The minimum size of a key with its value: a length, a character, a type, a value. */
const SMALLEST_ENTRY = 8 + 1 + 4 + 1;

/** Options for {@linkcode readMetadata}. */
export interface MetadataOptions {
  /** The number of entries that the file claims. */
  count: number | bigint;
  /** Whether lists of strings are skipped. */
  withoutTexts?: boolean;
}

/**
 * Reads the entries, in the order of the file.
 *
 * @param reader Positioned at the first entry.
 * @param options How many there are.
 * @throws {SyntaxError} If the file cannot hold that many, or an entry does not follow the format; the message names
 * it.
 */
export function readMetadata(reader: HeaderReader, options: MetadataOptions): Map<string, GgufValue> {
  const { count, withoutTexts = false } = options;
  if (Number(count) * SMALLEST_ENTRY > reader.left) {
    throw reader.corrupt(`it claims ${count} entries of metadata, ${reader.left} bytes follow`);
  }
  const metadata = new Map<string, GgufValue>();
  for (let entry = 0; entry < Number(count); entry++) {
    const key = reader.text(`the key of entry ${entry + 1} of the metadata`);
    const subject = JSON.stringify(key);
    if (key === "") throw reader.corrupt(`entry ${entry + 1} of the metadata has no key`);
    if (metadata.has(key)) throw reader.corrupt(`its metadata has ${subject} twice`);
    const value = readValue(reader, reader.uint32(subject), { subject, depth: 0, withoutTexts });
    if (value !== undefined) metadata.set(key, value);
  }
  return metadata;
}

interface Place {
  subject: string;
  depth: number;
  withoutTexts: boolean;
}

function readValue(reader: HeaderReader, type: number, place: Place): GgufValue | undefined {
  const { subject, depth } = place;
  const scalar = SCALARS[type];
  if (scalar) return scalar.read(reader, subject);
  if (type === BOOLEAN) return readBoolean(reader, subject);
  if (type === TEXT) return reader.text(subject);
  if (type === LIST) return readList(reader, { ...place, depth: depth + 1 });
  throw reader.corrupt(`the type of ${subject} must be in 0..12, current value is ${type}`);
}

function readBoolean(reader: HeaderReader, subject: string): boolean {
  const value = reader.uint8(subject);
  if (value > 1) throw reader.corrupt(`${subject} must be a boolean, 0 or 1, current value is ${value}`);
  return value === 1;
}

/** A list; undefined for a list of strings that is skipped. */
function readList(reader: HeaderReader, place: Place): GgufList | undefined {
  const { subject, depth, withoutTexts } = place;
  if (depth > DEEPEST) {
    throw reader.corrupt(`lists must be nested at most ${DEEPEST} deep, those of ${subject} are nested deeper`);
  }
  const type = reader.uint32(subject);
  const scalar = SCALARS[type];
  if (scalar) {
    const count = reader.count(subject, scalar.bytes);
    return new scalar.list(reader.bytes(count * scalar.bytes, subject).buffer);
  }
  // The minimum size of an entry: a boolean, a string's length, a list's type and length.
  const smallest = { [BOOLEAN]: 1, [TEXT]: 8, [LIST]: 12 }[type];
  if (smallest === undefined) {
    throw reader.corrupt(`the type of the entries of ${subject} must be in 0..12, current value is ${type}`);
  }
  const count = reader.count(subject, smallest);
  if (type === TEXT && withoutTexts) {
    for (let entry = 0; entry < count; entry++) reader.passText(subject);
    return undefined;
  }
  const values: (GgufValue | undefined)[] = [];
  for (let entry = 0; entry < count; entry++) values.push(readValue(reader, type, place));
  return values as GgufList;
}
