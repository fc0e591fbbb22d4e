/** The library's own operations: one kernel where an engine has it, a composition on the reference engine. */
import * as tf from "@tensorflow/tfjs-core";
import {
  causalAttention,
  gelu,
  globalNorm,
  layerNorm,
  linear,
  logitsGradient,
  packedLength,
  putSlots,
  rmsNorm,
  rotary,
  silu,
  slotAttention,
  softCap,
} from "../../../lib/operations/mod.ts";
import { type Case, fill, of } from "./case.ts";

type Settings = Parameters<typeof causalAttention>[1];

function attention(name: string, { width = 8, keyValueWidth = width, ...settings }: Settings & Widths): Case {
  const positions = packedLength(settings);
  return {
    name: `causalAttention: ${name}`,
    inputs: [of(positions, width), of(positions, keyValueWidth), of(positions, keyValueWidth)],
    run: (query, key, value) => causalAttention({ query, key, value }, settings),
  };
}

const alone = { row: 0, length: 0 };

interface Widths {
  width?: number;
  keyValueWidth?: number;
}

const linears = [[7, 5, 3], [1, 64, 10], [40, 33, 65]].flatMap(([positions, from, to]): Case[] =>
  [false, true].flatMap((transposeWeight): Case[] => {
    const weight = transposeWeight ? of(to, from) : of(from, to);
    const name = `linear: [${positions}, ${from}] by [${weight.shape}]${transposeWeight ? " transposed" : ""}`;
    return [
      { name, inputs: [of(positions, from), weight], run: (x, w) => linear(x, w, { transposeWeight }) },
      {
        name: `${name} with a bias`,
        inputs: [of(positions, from), weight, of(to)],
        run: (x, w, bias) => linear(x, w, { transposeWeight, bias }),
      },
    ];
  })
);

/** Attention of `queries` newest tokens that share a key, to slots that were filled in several goes. */
function slots(name: string, { used, queries = 1, unseen = 0, softCap }: SlotSettings): Case {
  const [rows, heads, width] = [3, 2, 4];
  const total = used.reduce((sum, count) => sum + count, 0);
  return {
    name: `slotAttention: ${name}`,
    inputs: [of(rows, heads, queries, width), of(rows, heads, total, width), of(rows, heads, total, width)],
    run: (query, ...whole) => {
      const [key, value] = whole.map((x) => {
        let slot = 0, slots: tf.Tensor4D | undefined;
        for (const count of used) {
          const added = tf.slice(x, [0, 0, slot, 0], [-1, -1, count, -1]) as tf.Tensor4D;
          slots = putSlots(slots, added, { slot, capacity: slot + 3 });
          slot += count;
        }
        return slots!;
      });
      const seen = (row: number, slot: number) => row !== 1 || slot >= unseen;
      const mask = Array.from({ length: rows * total }, (_, i) => seen(Math.floor(i / total), i % total) ? 0 : -1e9);
      const inputs = { query: query as tf.Tensor4D, key, value, mask: tf.tensor(mask, [rows, 1, 1, total]) };
      return slotAttention(inputs, { scale: 0.7, softCap });
    },
    gradient: false,
  };
}

interface SlotSettings {
  /** How many slots are filled in each go. */
  used: number[];
  queries?: number;
  /** How many of its first slots the second row does not look at. */
  unseen?: number;
  softCap?: number;
}

/** The cases. */
export const fused: Case[] = [
  ...linears,
  slots("filled at once", { used: [5] }),
  slots("filled one by one, beyond the first room", { used: [4, 1, 1, 1, 1, 1] }),
  slots("queries that share a key", { used: [3, 1], queries: 3 }),
  slots("some that a row does not look at", { used: [6, 1], unseen: 4 }),
  slots("a soft cap", { used: [2, 1, 1], queries: 2, unseen: 1, softCap: 1.5 }),
  attention("one row", { rowLengths: [6], heads: 2 }),
  attention("rows of one length", { rowLengths: [4, 4, 4], heads: 2 }),
  attention("rows of other lengths", { rowLengths: [5, 1, 3], heads: 2 }),
  attention("shared keys", { rowLengths: [4, 3], heads: 4, keyValueHeads: 2, width: 16, keyValueWidth: 8 }),
  attention("a prefix that rows share", {
    rowLengths: [5, 3, 4],
    prefixes: [alone, { row: 0, length: 2 }, { row: 0, length: 2 }],
    heads: 2,
  }),
  attention("prefixes that form a tree", {
    rowLengths: [5, 6, 4, 6, 3],
    prefixes: [alone, { row: 0, length: 2 }, alone, { row: 1, length: 4 }, { row: 2, length: 1 }],
    heads: 2,
  }),
  attention("a row that another begins with whole", {
    rowLengths: [3, 5],
    prefixes: [alone, { row: 0, length: 3 }],
    heads: 2,
    window: 3,
  }),
  attention("a window", { rowLengths: [7, 4], heads: 2, window: 3 }),
  attention("a soft cap", { rowLengths: [5, 3], heads: 2, softCap: 1.5 }),
  attention("a soft cap, a window and shared keys", {
    rowLengths: [9, 4, 4],
    heads: 4,
    keyValueHeads: 2,
    width: 16,
    keyValueWidth: 8,
    softCap: 2,
    window: 3,
  }),
  attention("one key for all queries, a window as long as a row", {
    rowLengths: [6, 2],
    heads: 4,
    keyValueHeads: 1,
    width: 16,
    keyValueWidth: 4,
    window: 6,
  }),
  attention("a scale", { rowLengths: [5], heads: 1, scale: 0.7 }),
  attention("a row longer than a block", { rowLengths: [70, 3], heads: 1 }),
  ...[[3, 7], [2, 3, 5]].map((shape): Case => ({
    name: `logitsGradient: [${shape}]`,
    inputs: [of(...shape), of(...shape)],
    run: (dy, logits) => {
      const logProbs = tf.logSoftmax(logits);
      return logitsGradient(dy, { logProbs, probs: tf.exp(logProbs) });
    },
    gradient: false,
  })),
  { name: "gelu: tanh", inputs: [of(4, 9).within(-5, 5)], run: (x) => gelu(x) },
  { name: "gelu: exact", inputs: [of(4, 9).within(-5, 5)], run: (x) => gelu(x, { approximate: "none" }) },
  ...[[4, 6], [3, 768]].map(([positions, width]): Case => ({
    name: `layerNorm: [${positions}, ${width}]`,
    inputs: [of(positions, width), of(width).within(0.5, 1.5), of(width)],
    run: (x, gain, bias) => layerNorm(x, { gain, bias }),
    atol: 1e-4,
  })),
  {
    name: "layerNorm: with an epsilon that counts",
    inputs: [of(4, 6), of(6), of(6)],
    run: (x, gain, bias) => layerNorm(x, { gain, bias }, { epsilon: 0.5 }),
  },
  ...[[4, 6], [1, 1], [12, 256]].map(([positions, width]): Case => ({
    name: `rmsNorm: [${positions}, ${width}]`,
    inputs: [of(positions, width), of(width).within(0.5, 1.5)],
    run: (x, gain) => rmsNorm(x, { gain }),
  })),
  { name: "rmsNorm: of zeros", inputs: [of(2, 4)], run: (gain) => rmsNorm(tf.mul(gain, 0), { gain: tf.ones([4]) }) },
  {
    name: "rmsNorm: with an epsilon that counts",
    inputs: [of(4, 6), of(6)],
    run: (x, gain) => rmsNorm(x, { gain, epsilon: 0.5 }),
  },
  ...[[5, 1, 2], [3, 4, 8]].map(([positions, heads, width]): Case => ({
    name: `rotary: ${positions} positions of ${heads} heads of ${width}`,
    inputs: [of(positions, heads * width)],
    run: (x) => {
      const angles = tf.mul(tf.tensor(fill(of(positions, width / 2), 3), [positions, width / 2]), 3);
      return rotary(x, { cosines: tf.cos(angles), sines: tf.sin(angles), heads });
    },
  })),
  {
    name: "rotary: of a part of a projection",
    inputs: [of(4, 12)],
    run: (joint) => {
      const [query, key] = tf.split(joint, [8, 4], 1);
      const angles = tf.tensor(fill(of(4, 2), 3), [4, 2]);
      return rotary(query, { cosines: tf.cos(angles), sines: tf.sin(angles), heads: 2 }).add(tf.tile(key, [1, 2]));
    },
  },
  {
    name: "rotary: of the first numbers of each head",
    inputs: [of(4, 15)],
    run: (x) => {
      const angles = tf.tensor(fill(of(4, 1), 3), [4, 1]);
      return rotary(x, { cosines: tf.cos(angles), sines: tf.sin(angles), heads: 3, turning: 2 });
    },
  },
  { name: "silu", inputs: [of(4, 9).within(-9, 9)], run: (x) => silu(x) },
  { name: "softCap", inputs: [of(4, 9).within(-9, 9)], run: (x) => softCap(x, 2.5) },
  { name: "globalNorm", inputs: [of(3, 4), of(7), of()], run: (...x: tf.Tensor[]) => globalNorm(x), gradient: false },
];
