/** The bytes of small GGUF files, right and wrong ones: every count, length and offset can be another than it should be. */
import { joinBytes } from "../../lib/files/join_bytes.ts";
import { TENSOR_TYPES } from "../../lib/files/gguf/tensor_types.ts";

/** Raw bytes of a value, after its type. */
export interface RawValue {
  type: number;
  bytes: Uint8Array<ArrayBuffer>;
}

/** A tensor; what is absent is as it should be. */
export interface RawTensor {
  name: string;
  /** The slowest first. */
  shape: (number | bigint)[];
  type?: keyof typeof TENSOR_TYPES | number;
  /** From the start of the data. */
  offset?: number | bigint;
  data?: Uint8Array<ArrayBuffer>;
}

/** A file; what is absent is as it should be. */
export interface RawGguf {
  magic?: string;
  version?: number;
  metadata?: [key: string, value: RawValue][];
  tensors?: RawTensor[];
  tensorCount?: number | bigint;
  metadataCount?: number | bigint;
  alignment?: number;
}

/** Joins bytes. */
export const joined = (...parts: Uint8Array[]): Uint8Array<ArrayBuffer> => joinBytes(parts);

export const u8 = (...values: number[]) => new Uint8Array(values);
export const u32 = (...values: number[]) => new Uint8Array(new Uint32Array(values).buffer);
export const u64 = (...values: (number | bigint)[]) =>
  new Uint8Array(new BigUint64Array(values.map((value) => BigInt(value))).buffer);
export const f32 = (...values: number[]) => new Uint8Array(new Float32Array(values).buffer);

/** A text with its length, or with another length. */
export function text(value: string, length?: number | bigint): Uint8Array<ArrayBuffer> {
  const bytes = new TextEncoder().encode(value);
  return joined(u64(length ?? bytes.length), bytes);
}

/** Values of metadata. */
export const raw = {
  u16: (value: number): RawValue => ({ type: 2, bytes: new Uint8Array(new Uint16Array([value]).buffer) }),
  u32: (value: number): RawValue => ({ type: 4, bytes: u32(value) }),
  i32: (value: number): RawValue => ({ type: 5, bytes: u32(value) }),
  f32: (value: number): RawValue => ({ type: 6, bytes: f32(value) }),
  boolean: (value: number): RawValue => ({ type: 7, bytes: u8(value) }),
  text: (value: string, length?: number | bigint): RawValue => ({ type: 8, bytes: text(value, length) }),
  u64: (value: number | bigint): RawValue => ({ type: 10, bytes: u64(value) }),
  /** A list of entries of a type, which may claim another count. */
  list: (type: number, entries: Uint8Array[], count: number | bigint = entries.length): RawValue => ({
    type: 9,
    bytes: joined(u32(type), u64(count), ...entries),
  }),
};

const bytesOf = ({ shape, type = "F32" }: RawTensor): number => {
  const { blockSize, blockBytes } = TENSOR_TYPES[typeof type === "string" ? type : "F32"];
  return shape.reduce<number>((product, extent) => product * Number(extent), 1) / blockSize * blockBytes;
};

/** Lays a file out. */
export function ggufBytes(file: RawGguf): Uint8Array<ArrayBuffer> {
  const { magic = "GGUF", version = 3, metadata = [], tensors = [], alignment = 32 } = file;
  const padding = (length: number) => new Uint8Array((alignment - length % alignment) % alignment);
  const infos: Uint8Array[] = [];
  const data: Uint8Array[] = [];
  let at = 0;
  for (const tensor of tensors) {
    const { name, shape, type = "F32", offset = at } = tensor;
    const id = typeof type === "string" ? TENSOR_TYPES[type].id : type;
    infos.push(text(name), u32(shape.length), u64(...shape.toReversed()), u32(id), u64(offset));
    const bytes = tensor.data ?? new Uint8Array(bytesOf(tensor));
    data.push(bytes, padding(bytes.length));
    at += bytes.length + padding(bytes.length).length;
  }
  const header = joined(
    new TextEncoder().encode(magic),
    u32(version),
    u64(file.tensorCount ?? tensors.length, file.metadataCount ?? metadata.length),
    ...metadata.flatMap(([key, { type, bytes }]) => [text(key), u32(type), bytes]),
    ...infos,
  );
  return joined(header, padding(header.length), ...data);
}

/** Writes a file and returns its path. */
export async function ggufFile(file: RawGguf | Uint8Array, path?: string): Promise<string> {
  const place = path ?? await Deno.makeTempFile({ suffix: ".gguf" });
  await Deno.writeFile(place, file instanceof Uint8Array ? file : ggufBytes(file));
  return place;
}
