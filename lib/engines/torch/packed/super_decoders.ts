/**
 * Blocks of 256 numbers in groups of 16 or 32, each with a scale in few bits, all of which share a scale.
 *
 * Source: ggml, `ggml-common.h`, `ggml-quants.c`.
 *
 * @module
 */
import type { Handle } from "../operators.ts";
import { dtypes } from "../symbols.ts";
import type { BlockBytes, BlockDecoder } from "./block_bytes.ts";

/** Shifts by which a byte's four numbers of two bits are taken. */
const TWO_BITS = [0, 2, 4, 6];

/** Decoders by type. */
export const superDecoders = {
  Q2_K: (blocks, into) => {
    const { torch } = blocks;
    const shift = blocks.shifts(TWO_BITS, [4, 1]);
    torch.copy(blocks.shaped(into, [2, 4, 32]), blocks.bits(blocks.part(16, [2, 1, 32]), { shift, mask: 3 }));
    const pairs = blocks.part(0, [16]);
    const [scales, least] = [blocks.bits(pairs, { mask: 15 }), blocks.bits(pairs, { shift: 4 })];
    scaleByBoth(blocks, into, { factors: 80, scales, least });
  },
  Q3_K: (blocks, into) => {
    const { torch } = blocks;
    const two = blocks.shifts(TWO_BITS, [4, 1]);
    torch.copy(blocks.shaped(into, [2, 4, 32]), blocks.bits(blocks.part(32, [2, 1, 32]), { shift: two, mask: 3 }));
    const eight = blocks.shifts([0, 1, 2, 3, 4, 5, 6, 7], [8, 1]);
    const thirds = blocks.bits(blocks.part(0, [1, 32]), { shift: eight, mask: 1 });
    addBits(blocks, into, { bits: thirds, shape: [8, 32], weight: 4, less: 4 });
    const low = torch.call(
      "cat",
      [blocks.bits(blocks.part(96, [8]), { mask: 15 }), blocks.bits(blocks.part(96, [8]), { shift: 4 })],
      1,
    );
    const high = blocks.bits(blocks.part(104, [1, 4]), { shift: two, mask: 3 });
    const scales = torch.add(floats(blocks, low), floats(blocks, blocks.shaped(high, [16])), 16);
    blocks.scale(into, torch.call("multiply", torch.addScalar(scales, -32), blocks.halves(108, 1)));
  },
  Q4_K: (blocks, into) => {
    fourBits(blocks, 16, into);
    scaleByBoth(blocks, into, { factors: 0, ...sixBits(blocks, 4) });
  },
  Q5_K: (blocks, into) => {
    fourBits(blocks, 48, into);
    const shift = blocks.shifts([0, 1, 2, 3, 4, 5, 6, 7], [8, 1]);
    const fifths = blocks.bits(blocks.part(16, [1, 32]), { shift, mask: 1 });
    addBits(blocks, into, { bits: fifths, shape: [8, 32], weight: 16 });
    scaleByBoth(blocks, into, { factors: 0, ...sixBits(blocks, 4) });
  },
  Q6_K: (blocks, into) => {
    const { torch } = blocks;
    const pairs = blocks.part(0, [2, 64]);
    const half = (from: number) => blocks.numbers(into, { from, shape: [2, 64], strides: [128, 1] });
    torch.copy(half(0), blocks.bits(pairs, { mask: 15 }));
    torch.copy(half(64), blocks.bits(pairs, { shift: 4 }));
    const shift = blocks.shifts(TWO_BITS, [4, 1]);
    const high = blocks.bits(blocks.part(128, [2, 1, 32]), { shift, mask: 3 });
    addBits(blocks, into, { bits: high, shape: [2, 4, 32], weight: 16, less: 32 });
    blocks.scale(into, torch.call("multiply", blocks.signed(192, 16), blocks.halves(208, 1)));
  },
} satisfies Readonly<Record<string, BlockDecoder>>;

const floats = ({ torch }: BlockBytes, wholes: Handle): Handle => torch.cast(wholes, dtypes.float32);

/** Whole numbers of four bits, 32 in the low bits and 32 in the high ones of 32 bytes. */
function fourBits(blocks: BlockBytes, from: number, into: Handle): void {
  const { torch } = blocks;
  const pairs = blocks.part(from, [4, 32]);
  const half = (start: number) => blocks.numbers(into, { from: start, shape: [4, 32], strides: [64, 1] });
  torch.copy(half(0), blocks.bits(pairs, { mask: 15 }));
  torch.copy(half(32), blocks.bits(pairs, { shift: 4 }));
}

/** Adds bits of a higher weight to whole numbers, less a constant. */
function addBits(
  blocks: BlockBytes,
  into: Handle,
  { bits, shape, weight, less = 0 }: { bits: Handle; shape: number[]; weight: number; less?: number },
): void {
  const { torch } = blocks;
  const all = blocks.shaped(into, shape);
  const sum = torch.add(all, floats(blocks, bits), weight);
  torch.copy(all, less === 0 ? sum : torch.addScalar(sum, -less));
}

/** Scales and least numbers of eight groups, of six bits each in 12 bytes: of the last four groups spread over two places. */
function sixBits(blocks: BlockBytes, from: number): { scales: Handle; least: Handle } {
  const { torch } = blocks;
  const [first, second, third] = [0, 4, 8].map((at) => blocks.part(from + at, [4]));
  const spread = (low: Handle, high: Handle) =>
    torch.add(floats(blocks, low), floats(blocks, blocks.bits(high, { shift: 6 })), 16);
  const eight = (four: Handle, others: Handle) =>
    torch.call("cat", [floats(blocks, blocks.bits(four, { mask: 63 })), others], 1);
  return {
    scales: eight(first, spread(blocks.bits(third, { mask: 15 }), first)),
    least: eight(second, spread(blocks.bits(third, { shift: 4 }), second)),
  };
}

/** `d · scale · q − m · least`, with `d` and `m` at byte `factors`. */
function scaleByBoth(
  blocks: BlockBytes,
  into: Handle,
  { factors, scales, least }: { factors: number; scales: Handle; least: Handle },
): void {
  const { torch } = blocks;
  const [d, m] = [blocks.halves(factors, 1), blocks.halves(factors + 2, 1)];
  const times = (wholes: Handle, factor: Handle) => torch.call("multiply", floats(blocks, wholes), factor);
  blocks.scale(into, times(scales, d), times(least, torch.multiplyScalar(m, -1)));
}
