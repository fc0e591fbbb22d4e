/**
 * How GGUF files store tensors: in blocks with a fixed number of values and a fixed number of bytes.
 *
 * Source: ggml, `ggml.h` and `ggml-common.h`; the package gguf 0.19 has the same table as `GGML_QUANT_SIZES`.
 *
 * @module
 */

/** A type of tensor. */
export interface TensorTypeFacts {
  /** Its id in the file. */
  id: number;
  /** Values per block. */
  blockSize: number;
  /** Bytes per block. */
  blockBytes: number;
}

const facts = (id: number, blockSize: number, blockBytes: number): TensorTypeFacts => ({ id, blockSize, blockBytes });

/** The types by name. The missing ids belonged to types that ggml has dropped. */
export const TENSOR_TYPES = {
  F32: facts(0, 1, 4),
  F16: facts(1, 1, 2),
  Q4_0: facts(2, 32, 18),
  Q4_1: facts(3, 32, 20),
  Q5_0: facts(6, 32, 22),
  Q5_1: facts(7, 32, 24),
  Q8_0: facts(8, 32, 34),
  Q8_1: facts(9, 32, 40),
  Q2_K: facts(10, 256, 84),
  Q3_K: facts(11, 256, 110),
  Q4_K: facts(12, 256, 144),
  Q5_K: facts(13, 256, 176),
  Q6_K: facts(14, 256, 210),
  Q8_K: facts(15, 256, 292),
  IQ2_XXS: facts(16, 256, 66),
  IQ2_XS: facts(17, 256, 74),
  IQ3_XXS: facts(18, 256, 98),
  IQ1_S: facts(19, 256, 50),
  IQ4_NL: facts(20, 32, 18),
  IQ3_S: facts(21, 256, 110),
  IQ2_S: facts(22, 256, 82),
  IQ4_XS: facts(23, 256, 136),
  I8: facts(24, 1, 1),
  I16: facts(25, 1, 2),
  I32: facts(26, 1, 4),
  I64: facts(27, 1, 8),
  F64: facts(28, 1, 8),
  IQ1_M: facts(29, 256, 56),
  BF16: facts(30, 1, 2),
  TQ1_0: facts(34, 256, 54),
  TQ2_0: facts(35, 256, 66),
  MXFP4: facts(39, 32, 17),
  NVFP4: facts(40, 64, 36),
  Q1_0: facts(41, 128, 18),
} as const satisfies Readonly<Record<string, TensorTypeFacts>>;

/** The name of a type of tensor. */
export type GgufTensorType = keyof typeof TENSOR_TYPES;

const names = new Map(
  Object.entries(TENSOR_TYPES).map(([name, { id }]) => [id as number, name as GgufTensorType]),
);

/** The type with that id; undefined if there is no such type. */
export const tensorTypeOf = (id: number): GgufTensorType | undefined => names.get(id);
