/**
 * What the engine `torch` keeps of a tensor of tensorflow.js.
 *
 * @module
 */
import type { Dtype } from "./dtype.ts";
import type { Handle } from "./operators.ts";
import type { PackedMatrix } from "./packed/packed_matrix.ts";
import { type DTypeCode, dtypes } from "./symbols.ts";
import type { Torch } from "./torch.ts";
import { contiguousStrides } from "./views.ts";

/** What tensorflow.js's identifier of a tensor's data stands for. */
export interface Entry {
  /** The numbers; absent where they are in few bits. */
  handle?: Handle;
  /** The numbers in few bits. */
  packed?: PackedMatrix;
  shape: readonly number[];
  dtype: Dtype;
  references: number;
  /** A bfloat16 copy of a float32 tensor, kept for products. */
  low?: Handle;
}

/** The numbers as a tensor of libtorch: the entry's own, or one of the open scope where they are in few bits. */
export function numbersOf(
  torch: Torch,
  { handle, packed, shape }: Entry,
  dtype: DTypeCode = dtypes.float32,
): Handle {
  if (packed === undefined) return handle!;
  return torch.view(packed.unpack(dtype), shape, contiguousStrides(shape));
}

/** All tensors of libtorch that an entry owns. */
export const handlesOfEntry = ({ handle, low, packed }: Entry): Handle[] =>
  [handle, low, ...packed?.handles ?? []].filter((handle) => handle !== undefined);
