/**
 * One file of weights of a Hugging Face folder, in whichever format.
 *
 * @module
 */
import { bytesPerNumber } from "./float_formats.ts";
import type { ReadOptions } from "./tensor_source.ts";

/** A tensor in a file. */
export interface StoredTensor {
  /** The elements' format by its name in safetensors, which need not be one of weights. */
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
   * Reads one tensor's numbers as float32, or those of some of its rows.
   *
   * @throws {ReferenceError} If there is no tensor of that name.
   * @throws {TypeError} If it is stored in no format of weights.
   */
  read(name: string, options?: ReadOptions): Promise<Float32Array<ArrayBuffer>>;
  /** Reads some of a tensor's bytes, as they are and in the order of its axes. */
  bytes(name: string, from: number, to: number): Promise<Uint8Array<ArrayBuffer>>;
  close(): void;
}

/** The error about a tensor that is stored in no format of weights. */
export function refusedFormat(path: string, { name, format }: { name: string; format: string }): TypeError {
  const known = Object.keys(bytesPerNumber).join(", ");
  return new TypeError(
    `Cannot read ${path}: weights must be stored as one of ${known}, "${name}" is stored as ${format}`,
  );
}
