/**
 * Kernels that make, fill and multiply matrices which may be stored in few bits.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { GgufTensorType } from "../../../files/gguf/tensor_types.ts";
import { packedBits, type StoragePrecision } from "../../engine.ts";
import type { TorchBackend } from "../backend.ts";
import { kernel, type KernelGroup, type Shaped } from "../kernel.ts";
import { BlockMatrix } from "../packed/block_matrix.ts";
import { GroupedMatrix } from "../packed/grouped_matrix.ts";
import { dtypes } from "../symbols.ts";
import { contiguousStrides } from "../views.ts";
import { multiply, type Product } from "./product.ts";

/** Numbers of a matrix in few bits that are made float32 at once. */
const MOST_AT_ONCE = 2 ** 22;

/** Kernels that fill matrices by rows, see `lib/operations/filled_by_rows.ts`. */
export const packedKernels: KernelGroup = {
  RoomForRows: kernel<{ shape: number[]; precision: StoragePrecision }>(({ attrs, backend, torch }) => {
    const { shape, precision } = attrs;
    const bits = packedBits(precision);
    if (bits === undefined) {
      return backend.own(torch.empty(shape, dtypes[precision as "float32" | "bfloat16"]), shape, "float32");
    }
    return backend.ownPacked(GroupedMatrix.empty(torch, { bits, ...extentsOf(shape) }), shape);
  }),

  RoomForBlocks: kernel<{ shape: number[]; type: GgufTensorType }>(({ attrs: { shape, type }, backend, torch }) =>
    backend.ownPacked(BlockMatrix.empty(torch, { type, ...extentsOf(shape) }), shape)
  ),

  WriteBlocks: kernel<{ start: number; bytes: Uint8Array<ArrayBuffer> }>(
    ({ inputs: { matrix }, attrs: { start, bytes }, backend, torch }) => {
      const { rows, handles: [blocks] } = backend.packed(matrix)!;
      const [, width] = torch.shape(blocks);
      const count = bytes.length / width;
      const perRow = rows / matrix.shape[0];
      const place = torch.view(blocks, [count, width], [width, 1], start * perRow * width);
      torch.copy(place, backend.upload(bytes, [count, width], dtypes.uint8));
      return backend.share(matrix);
    },
  ),

  WriteRows: kernel<{ start: number }>(({ inputs: { matrix, rows }, attrs: { start }, backend, torch }) => {
    const { shape } = rows;
    const packed = backend.packed(matrix);
    if (packed === undefined) {
      const steps = contiguousStrides(shape);
      torch.copy(torch.view(backend.handle(matrix), shape, steps, start * steps[0]), backend.handle(rows));
      return backend.share(matrix);
    }
    const perRow = tf.util.sizeFromShape(shape.slice(1, -1));
    const place = packed.part({ from: start * perRow, to: (start + shape[0]) * perRow });
    place.write(torch.cast(backend.handle(rows), dtypes.float32));
    return backend.share(matrix);
  }),
};

/** A matrix of a tensor's rows. */
const extentsOf = (shape: readonly number[]) => ({
  rows: tf.util.sizeFromShape(shape.slice(0, -1)),
  columns: shape[shape.length - 1],
});

/**
 * `a weightᵀ` for a large weight in few bits, whose rows are made float32 a block at a time.
 *
 * @returns The product; undefined if the weight is stored otherwise, or small enough to be made float32 at once.
 */
export function packedProduct(
  backend: TorchBackend,
  { weight, ...product }: Omit<Product, "b"> & { weight: tf.TensorInfo },
): Shaped | undefined {
  const packed = backend.packed(weight);
  if (packed === undefined || packed.rows * packed.columns <= MOST_AT_ONCE || weight.shape.length !== 2) {
    return undefined;
  }
  const { torch } = backend;
  const { rows, columns } = packed;
  const step = Math.max(1, Math.floor(MOST_AT_ONCE / columns));
  const shape = [...product.a.shape.slice(0, -1), rows];
  const result = torch.empty(shape, dtypes.float32);
  const steps = contiguousStrides(shape);
  const a = { ...product.a, handle: torch.cast(product.a.handle, dtypes.float32) };
  for (let from = 0; from < rows; from += step) {
    const to = Math.min(from + step, rows);
    torch.scope(() => {
      const block = packed.part({ from, to }).unpack();
      const b = { handle: torch.view(block, [columns, to - from], [1, columns]), shape: [columns, to - from] };
      const bias = product.bias &&
        { handle: torch.view(product.bias.handle, [to - from], [1], from), shape: [to - from] };
      const { handle } = multiply(torch, { ...product, a, b, bias, low: false });
      torch.copy(torch.view(result, [...shape.slice(0, -1), to - from], steps, from), handle);
    });
  }
  return { handle: result, shape };
}
