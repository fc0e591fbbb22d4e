/**
 * A model's tensors, wherever they are stored.
 *
 * @module
 */

import type { GgufTensorType } from "../../files/gguf/tensor_types.ts";

/** Returns memory for a count of numbers; see {@linkcode numberMemory}. */
export type NumberMemory = (count: number) => Float32Array<ArrayBuffer>;

/** A range of rows, `from` inclusive, `to` exclusive, along the first axis. */
export interface RowRange {
  from: number;
  to: number;
}

/** Options for {@linkcode TensorSource.read}. */
export interface ReadOptions {
  /**
   * A range of rows of a tensor with two or more axes.
   *
   * @default {all}
   */
  rows?: RowRange;
  /**
   * Provides the memory.
   *
   * @default {freshly allocated}
   */
  memory?: NumberMemory;
}

/** Named tensors, read one at a time as float32. */
export interface TensorSource {
  /** The file, or the index of several, for messages. */
  readonly path: string;
  /** The tensors' names. */
  names(): Iterable<string>;
  /** The parameter of a tensor, if the files' names differ from the family's. */
  parameterName?(name: string): string;
  /** A tensor's shape. */
  shape(name: string): readonly number[];
  /** Reads a tensor's values. */
  read(name: string, options?: ReadOptions): Promise<Float32Array<ArrayBuffer>>;
  /** The type of the blocks that a tensor's numbers are stored in, where it is one of GGUF's. */
  blockType?(name: string): GgufTensorType;
  /**
   * Reads the blocks of some rows as they are stored, in the order of the parameter's rows, into memory that the next
   * call uses again.
   *
   * @throws {TypeError} If the parameter's rows are not those of the file.
   */
  readBlocks?(name: string, rows: RowRange): Promise<Uint8Array<ArrayBuffer>>;
  /** Whether two tensors are stored alike, to the byte. */
  same(a: string, b: string): Promise<boolean>;
  /** Closes the files. */
  close(): void;
}

/** Memory that is allocated each time. */
export const freshMemory: NumberMemory = (count) => new Float32Array(count);
