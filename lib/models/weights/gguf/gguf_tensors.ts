/**
 * The parameters of a model in GGUF files: named as the family names them, dequantised block by block as they are read.
 *
 * @module
 */
import type { GgufHeader, GgufTensorInfo } from "../../../files/gguf/read_gguf.ts";
import { type GgufTensorType, TENSOR_TYPES } from "../../../files/gguf/tensor_types.ts";
import { freshMemory, type ReadOptions, type RowRange, type TensorSource } from "../tensor_source.ts";
import { dequantize, READABLE_TYPES } from "./dequantize.ts";
import { changedShape, rowsInHalves, type TensorChange, transpose } from "./tensor_change.ts";

/** A parameter's location in the files. */
export interface GgufPlace {
  /** The tensor's name in the file. */
  tensorName: string;
  /**
   * The index of the parameter along the tensor's first axis, for one of several experts. The whole tensor if absent.
   */
  part?: number;
  /** The parameter's name. */
  name: string;
  /** How it differs from the parameter, if it does. */
  change?: TensorChange;
}

/** Bytes that are read at once. */
const PIECE = 1 << 20;

/** The tensors of open GGUF files. */
export class GgufTensors implements TensorSource {
  readonly path: string;
  readonly #header: GgufHeader;
  readonly #places: ReadonlyMap<string, GgufPlace>;
  readonly #files: ReadonlyMap<string, Deno.FsFile>;
  // Memory reused for each tensor.
  #piece = new Uint8Array(0);
  #blocks = new Uint8Array(0);
  /** The parameter that was last read of a transposed tensor, and its rows' width. */
  #turned?: { name: string; numbers: Float32Array<ArrayBuffer>; width: number };

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
   * @param header The result of `readGguf()`.
   * @param places The parameter of each tensor or slice, by its name in messages.
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
    const { memory = freshMemory } = options;
    const info = this.#info(name);
    const { change } = this.#places.get(name)!;
    if (change?.kind === "transposed") return await this.#transposed(name, options);
    const { blockSize, blockBytes } = TENSOR_TYPES[info.type];
    const rowBytes = info.byteLength / info.shape[0];
    const { from, to } = options.rows ?? { from: 0, to: info.shape[0] };
    const numbers = memory((to - from) * rowBytes / blockBytes * blockSize);
    for await (const { bytes, start } of this.#pieces(name, { from, to })) {
      const place = start * rowBytes / blockBytes * blockSize;
      const into = numbers.subarray(place, place + bytes.length / blockBytes * blockSize);
      dequantize(bytes, { type: info.type, into });
      if (change?.kind === "less-one") { for (let i = 0; i < into.length; i++) into[i] -= 1; }
    }
    return numbers;
  }

  blockType(name: string): GgufTensorType {
    return this.#info(name).type;
  }

  async readBlocks(name: string, rows: RowRange): Promise<Uint8Array<ArrayBuffer>> {
    const { byteLength, shape, type } = this.#info(name);
    const { change } = this.#places.get(name)!;
    if (change !== undefined && change.kind !== "halves") {
      throw new TypeError(
        `Cannot hold ${this.path} as stored: "${name}" is read ${change.kind}, which blocks of ${type} cannot be; int8 holds it`,
      );
    }
    const rowBytes = byteLength / shape[0];
    const length = (rows.to - rows.from) * rowBytes;
    if (this.#blocks.length < length) this.#blocks = new Uint8Array(length);
    const blocks = this.#blocks.subarray(0, length);
    for await (const { bytes, start } of this.#pieces(name, rows)) blocks.set(bytes, start * rowBytes);
    return blocks;
  }

  /** The tensor is read whole, and kept while its rows are asked for one after another. */
  async #transposed(name: string, { rows, memory = freshMemory }: ReadOptions): Promise<Float32Array<ArrayBuffer>> {
    if (this.#turned?.name !== name) {
      const info = this.#info(name);
      const [height, width] = info.shape;
      const stored = new Float32Array(height * width);
      const { blockSize, blockBytes } = TENSOR_TYPES[info.type];
      const rowBytes = info.byteLength / height;
      for await (const { bytes, start } of this.#pieces(name, { from: 0, to: height })) {
        const place = start * rowBytes / blockBytes * blockSize;
        const into = stored.subarray(place, place + bytes.length / blockBytes * blockSize);
        dequantize(bytes, { type: info.type, into });
      }
      this.#turned = { name, numbers: transpose(stored, [height, width]), width: height };
    }
    const { numbers, width } = this.#turned;
    const { from, to } = rows ?? { from: 0, to: numbers.length / width };
    const chosen = memory((to - from) * width);
    chosen.set(numbers.subarray(from * width, to * width));
    if (to * width === numbers.length) this.#turned = undefined;
    return chosen;
  }

  /** Blocks of the parameter's rows, in memory that the next piece uses again, and the place of the first among them. */
  async *#pieces(
    name: string,
    { from, to }: RowRange,
  ): AsyncGenerator<{ bytes: Uint8Array<ArrayBuffer>; start: number }> {
    const info = this.#info(name);
    const { change } = this.#places.get(name)!;
    const rowBytes = info.byteLength / info.shape[0];
    // Of a tensor whose heads' rows are in another order, whole heads are read.
    const unit = change?.kind === "halves" ? info.shape[0] / change.heads : 1;
    const step = Math.max(1, Math.floor(PIECE / rowBytes / unit)) * unit;
    for (let at = from - from % unit; at < to; at += step) {
      const end = Math.min(at + step, Math.ceil(to / unit) * unit);
      const read = await this.#bytes(info, at * rowBytes, (end - at) * rowBytes);
      const rows = change?.kind === "halves" ? rowsInHalves(read, { rowBytes, head: unit }) : read;
      const [first, last] = [Math.max(from, at), Math.min(to, end)];
      yield { bytes: rows.subarray((first - at) * rowBytes, (last - at) * rowBytes), start: first - from };
    }
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

  /** Bytes of a tensor, in memory that the next call uses again. */
  async #bytes({ path, offset }: GgufTensorInfo, from: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
    if (this.#piece.length < length) this.#piece = new Uint8Array(Math.max(PIECE, length));
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
