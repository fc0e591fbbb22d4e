/**
 * What libtorch reports about a tensor, and the bytes of one in the processor's memory.
 *
 * @module
 */
import type { Functions } from "./library.ts";
import type { Handle } from "./operators.ts";
import type { DTypeCode } from "./symbols.ts";

/** The most axes that a tensor of tensorflow.js has are 6; libtorch itself stops at 64. */
const MOST_AXES = 64;

/** Reads tensors; makes and frees none. */
export abstract class TensorFacts {
  readonly #functions: Functions;
  // One set of cells for all calls: they are read before a call returns.
  readonly #cell = new BigUint64Array(1);
  readonly #word = new Int32Array(2);
  readonly #steps = new BigInt64Array(MOST_AXES);

  /** @param functions libtorch's. */
  constructor(functions: Functions) {
    this.#functions = functions;
  }

  /** The code of the element type. */
  dtype(handle: Handle): DTypeCode {
    this.#functions.aoti_torch_get_dtype(handle, this.#word);
    return this.#word[0] as DTypeCode;
  }

  /** Whether the elements lie side by side in order. */
  isContiguous(handle: Handle): boolean {
    this.#word[0] = 0;
    this.#functions.aoti_torch_is_contiguous(handle, this.#word);
    return (this.#word[0] & 0xff) !== 0;
  }

  /** Steps between neighbours along each axis, in elements. */
  strides(handle: Handle, rank: number): number[] {
    if (rank === 0) return [];
    this.#functions.aoti_torch_get_strides(handle, this.#cell);
    const steps = this.#steps;
    this.#functions.read_bytes(steps, this.#cell[0], BigInt(8 * rank));
    const strides = new Array<number>(rank);
    for (let axis = 0; axis < rank; axis++) strides[axis] = Number(steps[axis]);
    return strides;
  }

  /** The shape in libtorch. */
  shape(handle: Handle): number[] {
    this.#functions.aoti_torch_get_dim(handle, this.#cell);
    return Array.from({ length: Number(this.#cell[0]) }, (_, axis) => {
      this.#functions.aoti_torch_get_size(handle, BigInt(axis), this.#cell);
      return Number(this.#cell[0]);
    });
  }

  /** Where the elements begin in the device's memory. */
  address(handle: Handle): bigint {
    this.#functions.aoti_torch_get_data_ptr(handle, this.#cell);
    return this.#cell[0];
  }

  /** Bytes of the memory that the tensor shares with its views. */
  storageBytes(handle: Handle): number {
    this.#functions.aoti_torch_get_storage_size(handle, this.#cell);
    return Number(this.#cell[0]);
  }

  /** Copies an array's bytes into a contiguous tensor of the processor's memory, from byte `start` of it on. */
  write(handle: Handle, values: ArrayBufferView<ArrayBuffer>, start = 0): void {
    if (values.byteLength === 0) return;
    this.#functions.write_bytes(this.address(handle) + BigInt(start), values, BigInt(values.byteLength));
  }

  /** Fills an array with the bytes of a contiguous tensor of the processor's memory. */
  read(handle: Handle, into: ArrayBufferView<ArrayBuffer>): void {
    if (into.byteLength === 0) return;
    this.#functions.read_bytes(into, this.address(handle), BigInt(into.byteLength));
  }
}
