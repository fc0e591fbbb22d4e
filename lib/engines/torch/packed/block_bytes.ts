/**
 * The bytes of many blocks, and the operations of which their numbers are made.
 *
 * All products are exact in float32 (a scale has 11 significant bits, or 19 where it is itself a product, what it is
 * multiplied by at most 6), so that the one rounding is that of a sum, as in ggml.
 *
 * @module
 */
import type { Handle } from "../operators.ts";
import { type DTypeCode, dtypes } from "../symbols.ts";
import type { Torch } from "../torch.ts";
import { contiguousStrides } from "../views.ts";

/** Overwrites float32 numbers, one block after another, with those of the blocks. */
export type BlockDecoder = (blocks: BlockBytes, into: Handle) => void;

/** Blocks, `n` of them. */
export class BlockBytes {
  readonly count: number;
  readonly #blockBytes: number;
  readonly #blockSize: number;

  /** @param bytes uint8, one block after another. */
  constructor(
    readonly torch: Torch,
    readonly bytes: Handle,
    { count, blockBytes, blockSize }: { count: number; blockBytes: number; blockSize: number },
  ) {
    this.count = count;
    this.#blockBytes = blockBytes;
    this.#blockSize = blockSize;
  }

  /** Bytes `from` on of each block, uint8 `[n, ...shape]`. */
  part(from: number, shape: readonly number[]): Handle {
    return this.torch.view(this.bytes, [this.count, ...shape], [this.#blockBytes, ...contiguousStrides(shape)], from);
  }

  /** Bytes with a sign, float32 `[n, count]`. */
  signed(from: number, count: number): Handle {
    return this.#as(dtypes.int8, from, count);
  }

  /** Halves, float32 `[n, count]`. */
  halves(from: number, count: number): Handle {
    return this.#as(dtypes.float16, from, 2 * count);
  }

  /** Numbers of bfloat16, float32 `[n, count]`. */
  bfloats(from: number, count: number): Handle {
    return this.#as(dtypes.bfloat16, from, 2 * count);
  }

  #as(dtype: DTypeCode, from: number, bytes: number): Handle {
    return this.torch.cast(this.torch.call("viewAs", this.part(from, [bytes]), dtype), dtypes.float32);
  }

  /** Some of the bits of bytes, uint8: those of `mask` behind `shift` others. */
  bits(bytes: Handle, { shift = 0, mask }: { shift?: number | Handle; mask?: number }): Handle {
    const { torch } = this;
    const scalar = (value: number) => torch.scalar(value, dtypes.int32);
    let bits = bytes;
    if (shift !== 0) bits = torch.call("shiftRight", bytes, typeof shift === "number" ? scalar(shift) : shift);
    return mask === undefined ? bits : torch.call("bitwiseAnd", bits, scalar(mask));
  }

  /** Shifts by which bits are taken from the same bytes one after another: uint8 `[count, 1]`, or `[count]`. */
  shifts(by: readonly number[], shape: readonly number[]): Handle {
    const handle = this.torch.empty([by.length], dtypes.uint8);
    this.torch.copy(handle, this.torch.call("cat", by.map((shift) => this.#single(shift)), 0));
    return this.torch.view(handle, shape, contiguousStrides(shape));
  }

  #single(value: number): Handle {
    return this.torch.view(this.torch.scalar(value, dtypes.int32), [1], [1]);
  }

  /** The numbers under another shape, `[n, ...shape]`. */
  shaped(numbers: Handle, shape: readonly number[]): Handle {
    return this.torch.view(numbers, [this.count, ...shape], contiguousStrides([this.count, ...shape]));
  }

  /** Some of the numbers, whose first is the `from`th of a block. */
  numbers(
    into: Handle,
    { from, shape, strides }: { from: number; shape: readonly number[]; strides: readonly number[] },
  ) {
    return this.torch.view(into, [this.count, ...shape], [this.#blockSize, ...strides], from);
  }

  /**
   * Multiplies whole numbers by the scale of their group, and adds the least number of it.
   *
   * @param into The whole numbers, which are overwritten.
   * @param scales float32 `[n, groups]`.
   * @param least As `scales`.
   */
  scale(into: Handle, scales: Handle, least?: Handle): void {
    const { torch } = this;
    const groups = torch.shape(scales)[1];
    const grouped = this.shaped(into, [groups, this.#blockSize / groups]);
    const spread = (perGroup: Handle) =>
      torch.view(perGroup, [this.count, groups, 1], [...torch.strides(perGroup, 2), 1]);
    torch.call("multiplyInPlace", grouped, spread(scales));
    if (least !== undefined) torch.copy(grouped, torch.add(grouped, spread(least)));
  }
}
