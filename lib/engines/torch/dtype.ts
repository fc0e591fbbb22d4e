/**
 * Element types of tensorflow.js on the engine `torch`: their codes in libtorch, and their arrays here.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs-core";
import { type DTypeCode, dtypes } from "./symbols.ts";

/** The element types that the engine offers to tensorflow.js. */
export type Dtype = "float32" | "int32" | "bool";

/** The code of each in libtorch. */
export const codes: Record<Dtype, DTypeCode> = { float32: dtypes.float32, int32: dtypes.int32, bool: dtypes.bool };
/** The typed array of each. */
export const arrays = { float32: Float32Array, int32: Int32Array, bool: Uint8Array } as const;

/** The code of an element type of tensorflow.js. */
export function dtypeCode(dtype: tf.DataType): DTypeCode {
  return codes[requireDtype(dtype)];
}

/**
 * Checks an element type.
 *
 * @throws {TypeError} If the engine has no such type.
 */
export function requireDtype(dtype: tf.DataType): Dtype {
  if (dtype in codes) return dtype as Dtype;
  throw new TypeError(`Cannot make a tensor on torch: dtype must be float32, int32 or bool, current value is ${dtype}`);
}

/** Values as the typed array of an element type; the same array where it is one. */
export function typedArray(values: ArrayLike<number>, dtype: Dtype): ArrayBufferView<ArrayBuffer> {
  // A bool of libtorch that is neither 0 nor 1 is undefined.
  if (dtype === "bool") return Uint8Array.from(values, (value) => value ? 1 : 0);
  const array = arrays[dtype];
  const matches = values instanceof array && values.buffer instanceof ArrayBuffer;
  return matches ? values as ArrayBufferView<ArrayBuffer> : array.from(values);
}
