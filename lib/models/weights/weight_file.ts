/**
 * One file of weights of a Hugging Face folder, in whichever format.
 *
 * @module
 */
import { bytesPerNumber } from "./float_formats.ts";
import type { ReadOptions } from "./tensor_source.ts";

/** A tensor in a file. */
export interface StoredTensor {
  /** The element format by its name in safetensors, not necessarily a weight format. */
  format: string;
  shape: number[];
  /** Bytes of its elements. */
  byteLength: number;
}

/** An open file. */
export interface WeightFile {
  /** The file's path, for messages. */
  readonly path: string;
  /** Tensors by name, in the order of the file. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /**
   * Reads a tensor, or some of its rows, as float32.
   *
   * @throws {ReferenceError} If there is no tensor of that name.
   * @throws {TypeError} If it is not stored in a weight format.
   */
  read(name: string, options?: ReadOptions): Promise<Float32Array<ArrayBuffer>>;
  /** Reads some of a tensor's raw bytes, in row-major order. */
  bytes(name: string, from: number, to: number): Promise<Uint8Array<ArrayBuffer>>;
  close(): void;
}

/** The error for a tensor that is not stored in a weight format. */
export function refusedFormat(path: string, { name, format }: { name: string; format: string }): TypeError {
  const known = Object.keys(bytesPerNumber).join(", ");
  return new TypeError(
    `Cannot read ${path}: weights must be stored as one of ${known}, "${name}" is stored as ${format}`,
  );
}
