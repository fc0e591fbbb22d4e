/**
 * Numbers of 16 bits, and blocks of 32 numbers that share a scale, and in those of kind 1 a least number too.
 *
 * In a byte of two numbers, the first of a block's halves is in its low bits and the second in its high ones.
 *
 * Source: ggml, `ggml-common.h`, `ggml-quants.c`.
 *
 * @module
 */
import type { Handle } from "../operators.ts";
import { dtypes } from "../symbols.ts";
import type { BlockBytes, BlockDecoder } from "./block_bytes.ts";

/** Whole numbers of four bits, from byte `from` on. */
function fourBits(blocks: BlockBytes, from: number, into: Handle): void {
  const { torch } = blocks;
  const pairs = blocks.part(from, [16]);
  const half = (start: number) => blocks.numbers(into, { from: start, shape: [16], strides: [1] });
  torch.copy(half(0), blocks.bits(pairs, { mask: 15 }));
  torch.copy(half(16), blocks.bits(pairs, { shift: 4 }));
}

/** Whole numbers of five bits: the fifth ones of all in four bytes from `from` on, the others behind them. */
function fiveBits(blocks: BlockBytes, from: number, into: Handle): void {
  const { torch } = blocks;
  fourBits(blocks, from + 4, into);
  const shift = blocks.shifts([0, 1, 2, 3, 4, 5, 6, 7], [8]);
  const fifths = blocks.bits(blocks.part(from, [4, 1]), { shift, mask: 1 });
  const all = blocks.shaped(into, [4, 8]);
  torch.copy(all, torch.add(all, torch.cast(fifths, dtypes.float32), 16));
}

/** Of two numbers per block the first ones and the second ones. */
const both = ({ torch, count }: BlockBytes, pairs: Handle): [Handle, Handle] => [
  torch.view(pairs, [count, 1], [2, 1]),
  torch.view(pairs, [count, 1], [2, 1], 1),
];

/** Decoders by type. */
export const plainDecoders = {
  F16: (blocks, into) => blocks.torch.copy(blocks.shaped(into, [1]), blocks.halves(0, 1)),
  BF16: (blocks, into) => blocks.torch.copy(blocks.shaped(into, [1]), blocks.bfloats(0, 1)),
  Q4_0: (blocks, into) => {
    fourBits(blocks, 2, into);
    const scales = blocks.halves(0, 1);
    blocks.scale(into, scales, blocks.torch.multiplyScalar(scales, -8));
  },
  Q4_1: (blocks, into) => {
    fourBits(blocks, 4, into);
    blocks.scale(into, ...both(blocks, blocks.halves(0, 2)));
  },
  Q5_0: (blocks, into) => {
    fiveBits(blocks, 2, into);
    const scales = blocks.halves(0, 1);
    blocks.scale(into, scales, blocks.torch.multiplyScalar(scales, -16));
  },
  Q5_1: (blocks, into) => {
    fiveBits(blocks, 4, into);
    blocks.scale(into, ...both(blocks, blocks.halves(0, 2)));
  },
  Q8_0: (blocks, into) => {
    blocks.torch.copy(blocks.shaped(into, [32]), blocks.signed(2, 32));
    blocks.scale(into, blocks.halves(0, 1));
  },
} satisfies Readonly<Record<string, BlockDecoder>>;
