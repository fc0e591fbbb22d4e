/**
 * The safetensors file format, read tensor by tensor. A file is not trusted: every length is checked before it is used.
 *
 * A file is 8 bytes of header length, a JSON header `{ name: { dtype, shape, data_offsets: [from, to] } }`, and the
 * data.
 *
 * @module
 */
import { KIND_BYTES, otherThanBinary } from "../../files/file_kinds.ts";
import { openFile } from "./file_bytes.ts";
import {
  bytesPerElement,
  bytesPerNumber,
  fromFloat32,
  isWeightFormat,
  storedPlace,
  type WeightFormat,
  widen,
} from "./float_formats.ts";
import { freshMemory, type ReadOptions } from "./tensor_source.ts";
import { refusedFormat, type StoredTensor, type WeightFile } from "./weight_file.ts";

/** A tensor's location in a file. */
export interface TensorEntry extends StoredTensor {
  /** The first byte, counted from the start of the file. */
  offset: number;
}

/** The maximum size of a header; the format's reference reader has the same limit. */
const LARGEST_HEADER = 100_000_000;

/** An open safetensors file. */
export class SafetensorsFile implements WeightFile {
  private constructor(
    /** The file's path, for messages. */
    readonly path: string,
    /** Tensors by name, in the order of the header. */
    readonly tensors: ReadonlyMap<string, TensorEntry>,
    readonly file: Deno.FsFile,
  ) {}

  /**
   * Opens a file and checks its header.
   *
   * @throws {Deno.errors.NotFound} If there is no such file.
   * @throws {SyntaxError} If the header or the file's length does not follow the format; the message says where, or
   * what the file is instead.
   * @throws {Error} If it cannot be read; the message names it.
   */
  static async open(path: string): Promise<SafetensorsFile> {
    const file = await openFile(path);
    try {
      const { size } = await file.stat();
      return new SafetensorsFile(path, await readHeader(file, path, size), file);
    } catch (error) {
      const other = error instanceof HeaderError ? await otherFormat(file, path) : undefined;
      file.close();
      throw other ?? error;
    }
  }

  /**
   * Reads a tensor, or some of its rows, as float32.
   *
   * @param name The tensor.
   * @param options A range of rows, and the memory.
   * @throws {ReferenceError} If there is no tensor of that name.
   * @throws {TypeError} If it is not stored in a weight format.
   */
  async read(name: string, options: ReadOptions = {}): Promise<Float32Array<ArrayBuffer>> {
    const { rows, memory = freshMemory } = options;
    const { format, shape, offset, byteLength } = this.#entry(name);
    if (!isWeightFormat(format)) throw refusedFormat(this.path, { name, format });
    const rowBytes = byteLength / shape[0];
    const [from, to] = rows ? [rows.from * rowBytes, rows.to * rowBytes] : [0, byteLength];
    await this.file.seek(offset + from, Deno.SeekMode.Start);
    const numbers = memory((to - from) / bytesPerNumber[format]);
    await readInto(this.file, storedPlace(numbers, format), this.path);
    return widen(numbers, format);
  }

  /** Reads some of a tensor's raw bytes. */
  async bytes(name: string, from: number, to: number): Promise<Uint8Array<ArrayBuffer>> {
    await this.file.seek(this.#entry(name).offset + from, Deno.SeekMode.Start);
    return await readExactly(this.file, to - from, this.path);
  }

  #entry(name: string): TensorEntry {
    const entry = this.tensors.get(name);
    if (!entry) throw new ReferenceError(`Cannot read "${name}": ${this.path} has no such tensor`);
    return entry;
  }

  /** Closes the file. */
  close(): void {
    this.file.close();
  }

  /** Closes the file at the end of a `using` block. */
  [Symbol.dispose](): void {
    this.close();
  }
}

/** An invalid header: the file may be something else. */
class HeaderError extends SyntaxError {}

async function otherFormat(file: Deno.FsFile, path: string): Promise<Error | undefined> {
  await file.seek(0, Deno.SeekMode.Start);
  const start = new Uint8Array(KIND_BYTES);
  const kind = otherThanBinary(start.subarray(0, await file.read(start) ?? 0));
  return kind === undefined ? undefined : corrupt(path, `a safetensors file is needed, it is ${kind}`);
}

async function readExactly(file: Deno.FsFile, length: number, path: string): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length);
  await readInto(file, bytes, path);
  return bytes;
}

async function readInto(file: Deno.FsFile, bytes: Uint8Array<ArrayBuffer>, path: string): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    const count = await file.read(bytes.subarray(at));
    if (count === null) throw corrupt(path, `it ends ${bytes.length - at} bytes early`);
    at += count;
  }
}

async function readHeader(file: Deno.FsFile, path: string, size: number): Promise<Map<string, TensorEntry>> {
  if (size < 8) throw new HeaderError(`Cannot read ${path}: the header's length takes 8 bytes, the file has ${size}`);
  const length = Number(new DataView((await readExactly(file, 8, path)).buffer).getBigUint64(0, true));
  if (length > Math.min(size - 8, LARGEST_HEADER)) {
    throw new HeaderError(`Cannot read ${path}: its header claims ${length} bytes, ${Math.max(0, size - 8)} follow`);
  }
  const json = parseHeader(await readExactly(file, length, path), path);
  const tensors = new Map<string, TensorEntry>();
  for (const [name, entry] of Object.entries(json)) {
    if (name !== "__metadata__") tensors.set(name, checkEntry(path, name, entry, { start: 8 + length, size }));
  }
  checkCover(path, tensors, { start: 8 + length, size });
  return tensors;
}

function parseHeader(bytes: Uint8Array<ArrayBuffer>, path: string): Record<string, unknown> {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    throw new HeaderError(`Cannot read ${path}: its header is not JSON (${(error as Error).message})`);
  }
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    throw corrupt(path, "its header is not an object");
  }
  return json as Record<string, unknown>;
}

const isNatural = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function checkEntry(path: string, name: string, entry: unknown, data: { start: number; size: number }): TensorEntry {
  const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as Record<string, unknown>;
  if (typeof dtype !== "string" || !Object.hasOwn(bytesPerElement, dtype)) {
    const known = Object.keys(bytesPerElement).join(", ");
    throw corrupt(path, `the format of "${name}" must be one of ${known}, current value is ${JSON.stringify(dtype)}`);
  }
  if (!Array.isArray(shape) || !shape.every(isNatural)) {
    throw corrupt(
      path,
      `the shape of "${name}" must be a list of whole numbers, current value is ${JSON.stringify(shape)}`,
    );
  }
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isNatural) || offsets[0] > offsets[1]) {
    throw corrupt(path, `the data offsets of "${name}" are invalid: ${JSON.stringify(offsets)}`);
  }
  const [from, to] = offsets;
  if (data.start + to > data.size) {
    throw corrupt(path, `"${name}" ends at byte ${data.start + to}, the file at ${data.size}; was it truncated?`);
  }
  const byteLength = shape.reduce((product, extent) => product * extent, bytesPerElement[dtype]);
  if (byteLength !== to - from) {
    throw corrupt(
      path,
      `"${name}" of shape [${shape}] in ${dtype} takes ${byteLength} bytes, its offsets span ${to - from}`,
    );
  }
  return { format: dtype, shape, offset: data.start + from, byteLength };
}

/** The tensors must cover the data without gap or overlap. */
function checkCover(path: string, tensors: Map<string, TensorEntry>, data: { start: number; size: number }): void {
  let [end, last] = [data.start, "the header"];
  for (const [name, entry] of [...tensors].sort(([, a], [, b]) => a.offset - b.offset || a.byteLength - b.byteLength)) {
    if (entry.offset < end) throw corrupt(path, `"${name}" overlaps ${last}`);
    if (entry.offset > end) throw corrupt(path, `there are ${entry.offset - end} unused bytes before "${name}"`);
    [end, last] = [end + entry.byteLength, `"${name}"`];
  }
  if (end !== data.size) throw corrupt(path, `${data.size - end} bytes follow ${last}`);
}

const corrupt = (path: string, reason: string): SyntaxError => new SyntaxError(`Cannot read ${path}: ${reason}`);

/**
 * Encodes tensors as a safetensors file, chunk by chunk, so that a large model is never held twice.
 *
 * @param tensors The shapes by name, in the order in which `numbers` is called.
 * @param numbers Returns a tensor's values when its turn comes.
 * @param format The format to store them in.
 */
export async function* encodeSafetensors(
  tensors: ReadonlyMap<string, number[]>,
  numbers: (name: string) => Promise<Float32Array<ArrayBuffer>>,
  format: WeightFormat,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const header: Record<string, unknown> = { __metadata__: { format: "pt" } };
  let at = 0;
  for (const [name, shape] of tensors) {
    const to = at + shape.reduce((product, extent) => product * extent, bytesPerNumber[format]);
    header[name] = { dtype: format, shape, data_offsets: [at, to] };
    at = to;
  }
  const bytes = new TextEncoder().encode(JSON.stringify(header));
  const padded = new Uint8Array(Math.ceil(bytes.length / 8) * 8).fill(" ".charCodeAt(0));
  padded.set(bytes);
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(padded.length), true);
  yield length;
  yield padded;
  for (const name of tensors.keys()) yield fromFloat32(await numbers(name), format);
}
