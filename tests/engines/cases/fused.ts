/** The library's own operations: one kernel where an engine has it, a composition on the reference engine. */
import type * as tf from "@tensorflow/tfjs-core";
import { causalAttention, gelu, globalNorm, layerNorm, linear } from "../../../lib/operations/mod.ts";
import { type Case, of } from "./case.ts";

type Settings = Parameters<typeof causalAttention>[1];

function attention(name: string, { width = 8, keyValueWidth = width, ...settings }: Settings & Widths): Case {
  const { rowLengths, prefixLength = 0 } = settings;
  const positions = rowLengths.reduce((sum, length) => sum + length - prefixLength, prefixLength);
  return {
    name: `causalAttention: ${name}`,
    inputs: [of(positions, width), of(positions, keyValueWidth), of(positions, keyValueWidth)],
    run: (query, key, value) => causalAttention({ query, key, value }, settings),
  };
}

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

/** The cases. */
export const fused: Case[] = [
  ...linears,
  attention("one row", { rowLengths: [6], heads: 2 }),
  attention("rows of one length", { rowLengths: [4, 4, 4], heads: 2 }),
  attention("rows of other lengths", { rowLengths: [5, 1, 3], heads: 2 }),
  attention("shared keys", { rowLengths: [4, 3], heads: 4, keyValueHeads: 2, width: 16, keyValueWidth: 8 }),
  attention("a prefix that rows share", { rowLengths: [5, 3, 4], prefixLength: 2, heads: 2 }),
  attention("a window", { rowLengths: [7, 4], heads: 2, window: 3 }),
  attention("a soft cap", { rowLengths: [5, 3], heads: 2, softCap: 1.5 }),
  attention("a scale", { rowLengths: [5], heads: 1, scale: 0.7 }),
  attention("a row longer than a block", { rowLengths: [70, 3], heads: 1 }),
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
  { name: "globalNorm", inputs: [of(3, 4), of(7), of()], run: (...x: tf.Tensor[]) => globalNorm(x), gradient: false },
];
