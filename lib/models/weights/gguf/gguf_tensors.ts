/**
 * The parameters of a model in GGUF files: named as the family names them, dequantised block by block as they are read.
 *
 * @module
 */
import type { GgufHeader, GgufTensorInfo } from "../../../files/gguf/read_gguf.ts";
import { TENSOR_TYPES } from "../../../files/gguf/tensor_types.ts";
import { freshMemory, type NumberMemory, type ReadOptions, type TensorSource } from "../tensor_source.ts";
import { dequantize, READABLE_TYPES } from "./dequantize.ts";
import { changedShape, type TensorChange, undo } from "./tensor_change.ts";

/** Where a parameter is in the files. */
export interface GgufPlace {
  /** The tensor's name in the file. */
  tensorName: string;
  /** Which of the parts along its first axis the parameter is: one of several experts. All of it where absent. */
  part?: number;
  /** The parameter's name. */
  name: string;
  /** How it differs from the parameter, where it does. */
  change?: TensorChange;
}

/** Bytes within a tensor. */
interface ByteRange {
  from: number;
  to: number;
}

/** Bytes that are read at once. */
const PIECE = 1 << 20;

/** The tensors of open GGUF files. */
export class GgufTensors implements TensorSource {
  readonly path: string;
  readonly #header: GgufHeader;
  readonly #places: ReadonlyMap<string, GgufPlace>;
  readonly #files: ReadonlyMap<string, Deno.FsFile>;
  // Memory that is used again for each tensor.
  #piece = new Uint8Array(0);
  #scratch = new Float32Array(0);

  private constructor(
    header: GgufHeader,
    places: ReadonlyMap<string, GgufPlace>,
    files: ReadonlyMap<string, Deno.FsFile>,
  ) {
    this.path = header.path;
    this.#header = header;
    this.#places = places;
    this.#files = files;
  }

  /**
   * Opens the files of a header.
   *
   * @param header What `readGguf()` gave.
   * @param places The parameter that each tensor or part of one is, by what messages call it.
   * @throws {TypeError} If a tensor is stored in a type that cannot be dequantised.
   */
  static async open(header: GgufHeader, places: ReadonlyMap<string, GgufPlace>): Promise<GgufTensors> {
    for (const { tensorName } of places.values()) {
      const { type } = header.tensors.get(tensorName)!;
      if (READABLE_TYPES.includes(type)) continue;
      throw new TypeError(
        `Cannot read ${header.path}: tensors must be stored as one of ${
          READABLE_TYPES.join(", ")
        }, "${tensorName}" is ` +
          `stored as ${type}`,
      );
    }
    const files = new Map<string, Deno.FsFile>();
    try {
      for (const path of header.paths) files.set(path, await Deno.open(path));
      return new GgufTensors(header, places, files);
    } catch (error) {
      for (const file of files.values()) file.close();
      throw error;
    }
  }

  names(): Iterable<string> {
    return this.#places.keys();
  }

  shape(name: string): readonly number[] {
    return changedShape(this.#info(name).shape, this.#places.get(name)!.change);
  }

  parameterName(tensorName: string): string {
    return this.#places.get(tensorName)!.name;
  }

  async read(name: string, options: ReadOptions = {}): Promise<Float32Array<ArrayBuffer>> {
    const { rows, memory = freshMemory } = options;
    const info = this.#info(name);
    const { change } = this.#places.get(name)!;
    if (change !== undefined) return await this.#changed(info, change, { rows, memory });
    const rowBytes = info.byteLength / info.shape[0];
    const bytes = rows ? { from: rows.from * rowBytes, to: rows.to * rowBytes } : { from: 0, to: info.byteLength };
    return await this.#numbers(info, bytes, memory);
  }

  /** A tensor that differs from its parameter: it is read whole, whichever rows are wanted. */
  async #changed(
    info: GgufTensorInfo,
    change: TensorChange,
    { rows, memory }: ReadOptions & Pick<Required<ReadOptions>, "memory">,
  ): Promise<Float32Array<ArrayBuffer>> {
    const scratch: NumberMemory = (count) => {
      if (this.#scratch.length < count) this.#scratch = new Float32Array(count);
      return this.#scratch.subarray(0, count);
    };
    const numbers = await this.#numbers(info, { from: 0, to: info.byteLength }, scratch);
    const all = (rows ? freshMemory : memory)(numbers.length);
    undo({ numbers, shape: info.shape }, { change, into: all });
    if (!rows) return all;
    const width = all.length / changedShape(info.shape, change)[0];
    const chosen = memory((rows.to - rows.from) * width);
    chosen.set(all.subarray(rows.from * width, rows.to * width));
    return chosen;
  }

  async same(a: string, b: string): Promise<boolean> {
    const [first, second] = [this.#info(a), this.#info(b)];
    if (first.type !== second.type || first.shape.join() !== second.shape.join()) return false;
    for (let from = 0; from < first.byteLength; from += PIECE) {
      const length = Math.min(PIECE, first.byteLength - from);
      const x = (await this.#bytes(first, from, length)).slice();
      const y = await this.#bytes(second, from, length);
      if (x.some((byte, i) => byte !== y[i])) return false;
    }
    return true;
  }

  close(): void {
    for (const file of this.#files.values()) file.close();
  }

  /** The numbers of whole blocks, by their bytes within the tensor. */
  async #numbers(
    info: GgufTensorInfo,
    { from, to }: ByteRange,
    memory: NumberMemory,
  ): Promise<Float32Array<ArrayBuffer>> {
    const { blockSize, blockBytes } = TENSOR_TYPES[info.type];
    const numbers = memory((to - from) / blockBytes * blockSize);
    const step = Math.floor(PIECE / blockBytes) * blockBytes;
    for (let at = from; at < to; at += step) {
      const bytes = await this.#bytes(info, at, Math.min(step, to - at));
      const place = (at - from) / blockBytes * blockSize;
      const count = bytes.length / blockBytes * blockSize;
      dequantize(bytes, { type: info.type, into: numbers.subarray(place, place + count) });
    }
    return numbers;
  }

  /** Bytes of a tensor, in memory that the next call uses again. */
  async #bytes({ path, offset }: GgufTensorInfo, from: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
    if (this.#piece.length === 0) this.#piece = new Uint8Array(PIECE);
    const bytes = this.#piece.subarray(0, length);
    const file = this.#files.get(path)!;
    await file.seek(offset + from, Deno.SeekMode.Start);
    for (let at = 0; at < length;) {
      const count = await file.read(bytes.subarray(at));
      if (count === null) throw new SyntaxError(`Cannot read ${path}: it ends ${length - at} bytes early`);
      at += count;
    }
    return bytes;
  }

  #info(name: string): GgufTensorInfo {
    const place = this.#places.get(name);
    const whole = place && this.#header.tensors.get(place.tensorName);
    if (!whole) throw new ReferenceError(`Cannot read "${name}": ${this.path} has no such tensor`);
    if (place.part === undefined) return whole;
    const [parts, ...shape] = whole.shape;
    const byteLength = whole.byteLength / parts;
    return { ...whole, shape, byteLength, offset: whole.offset + place.part * byteLength };
  }
}
