/**
 * Causal attention over rows that are packed one after another, without padding.
 *
 * Shapes: `S` packed positions, `B` rows, `T` the longest row, `D` the width of a head.
 *
 * Kernels an engine may offer:
 * `TreeAttention { query, key, value } { rowLengths, prefixes, heads, keyValueHeads, scale, window, softCap } → [y,
 * state]` and `TreeAttentionGrad { dy, query, key, value, y, state } { … } → [dquery, dkey, dvalue]`, where `state` is
 * what the engine wants to keep (the log of each softmax's sum, say); `window` and `softCap` are 0 if absent. An engine
 * that has none for rows with prefixes may offer `CausalAttention` and `CausalAttentionGrad`: the same without
 * `prefixes`, for rows that are laid out whole, and without a soft cap.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { packedLength, rowLayout, type RowTree, sharesPrefixes } from "../batches/row_layout.ts";
import { sinkSoftmax } from "./sink_softmax.ts";
import { hasKernel, runKernel, sharedGradients } from "../kernels/fused.ts";

/** Options for {@linkcode causalAttention}. */
export interface CausalAttentionOptions extends RowTree {
  /** Heads of the query. */
  heads: number;
  /**
   * Heads of key and value; divides `heads`.
   *
   * @default {heads}
   */
  keyValueHeads?: number;
  /**
   * The factor on the products of query and key.
   *
   * @default {1 / sqrt(D)}
   */
  scale?: number;
  /**
   * The attention window in positions, including the position itself; 0 for full causal attention.
   *
   * @default {0}
   */
  window?: number;
  /**
   * Scores become `softCap · tanh(score / softCap)`; 0 leaves them.
   *
   * @default {0}
   */
  softCap?: number;
  /**
   * The score of each head's sink, float32 `[heads]`, see `sinkSoftmax`; the composition alone knows them.
   *
   * @default {no sinks}
   */
  sinks?: tf.Tensor;
}

/** The query, key and value of each position. */
export interface AttentionInputs {
  /** float32 `[S, heads · D]`. */
  query: tf.Tensor;
  /** float32 `[S, keyValueHeads · D]`. */
  key: tf.Tensor;
  /** float32 `[S, keyValueHeads · D]`. */
  value: tf.Tensor;
}

for (const kernelName of ["TreeAttention", "CausalAttention"]) {
  tf.registerGradient({
    kernelName,
    inputsToSave: ["query", "key", "value"],
    outputsToSave: [true, true],
    gradFunc: (dys, saved, attrs) => {
      const [query, key, value, y, state] = saved;
      const dy = (dys as tf.Tensor[])[0];
      const inputs = { dy, query, key, value, y, state };
      return sharedGradients(
        ["query", "key", "value"],
        () => runKernel<tf.Tensor[]>(`${kernelName}Grad`, inputs, attrs as unknown as Record<string, unknown>),
      );
    },
  });
}

/**
 * Computes, for each row and head, `softmax(scale · q kᵀ + causal mask) v`.
 *
 * @returns float32 `[S, heads · D]`.
 * @throws {RangeError} If the rows' lengths do not add up to the positions there are, or the heads do not fit.
 *
 * Source: A. Vaswani et al., "Attention is all you need", 2017, eq. 1.
 */
export function causalAttention(inputs: AttentionInputs, options: CausalAttentionOptions): tf.Tensor {
  const { rowLengths, prefixes, heads, keyValueHeads = heads, window = 0, softCap = 0, sinks } = options;
  const [positions, width] = inputs.query.shape;
  const { scale = 1 / Math.sqrt(width / heads) } = options;
  const total = packedLength(options);
  if (total !== positions) {
    throw new RangeError(`Cannot attend: row lengths must add up to ${positions} positions, their sum is ${total}`);
  }
  checkHeads(inputs, { heads, keyValueHeads });
  const settings = { heads, keyValueHeads, scale, window, softCap };
  return tf.tidy(() => {
    const run = (name: string, inputs: AttentionInputs, rows: RowTree) =>
      runKernel<tf.Tensor[]>(name, { ...inputs }, { ...settings, ...rows })[0];
    if (sinks) return padded(inputs, { ...settings, rowLengths, prefixes, sinks });
    if (hasKernel("TreeAttention")) return run("TreeAttention", inputs, { rowLengths, prefixes });
    if (softCap || !hasKernel("CausalAttention")) return padded(inputs, { ...settings, rowLengths, prefixes });
    // Rows that are laid out are padded a little, so that many share a length, and so a call.
    const laidLengths = sharesPrefixes(options) ? rowLengths.map((length) => Math.ceil(length / 16) * 16) : rowLengths;
    const { lay, pack } = rowLayout(options, laidLengths);
    const whole = { query: lay(inputs.query), key: lay(inputs.key), value: lay(inputs.value) };
    return pack(run("CausalAttention", whole, { rowLengths: laidLengths }));
  });
}

/** Key and value have the query's positions, and heads of the query's width. */
function checkHeads(
  { query, key, value }: AttentionInputs,
  { heads, keyValueHeads }: { heads: number; keyValueHeads: number },
): void {
  const [positions, width] = query.shape;
  if (width % heads !== 0 || heads % keyValueHeads !== 0) {
    throw new RangeError(
      `Cannot attend: heads must divide the width ${width} and be a multiple of the key's, ` +
        `they are ${heads} and ${keyValueHeads}`,
    );
  }
  const expected = [positions, width / heads * keyValueHeads];
  for (const [name, { shape }] of Object.entries({ key, value })) {
    if (shape.join() !== expected.join()) {
      throw new RangeError(`Cannot attend: the ${name} must have the shape [${expected}], current shape is [${shape}]`);
    }
  }
}

type Settings =
  & Required<Omit<CausalAttentionOptions, "prefixes" | "sinks">>
  & Pick<CausalAttentionOptions, "sinks">
  & RowTree;

/** The composition: rows padded to the longest, all heads of all rows in one product. */
function padded(inputs: AttentionInputs, settings: Settings): tf.Tensor {
  const { rowLengths, heads, keyValueHeads, scale, window, softCap, sinks } = settings;
  const longest = Math.max(...rowLengths);
  const layout = rowLayout(settings, rowLengths.map(() => longest));
  const split = (x: tf.Tensor, heads: number) =>
    tf.transpose(tf.reshape(layout.lay(x), [rowLengths.length, longest, heads, -1]), [0, 2, 1, 3]);
  const query = tf.mul(split(inputs.query, heads), scale);
  const key = repeatHeads(split(inputs.key, keyValueHeads), heads / keyValueHeads);
  const value = repeatHeads(split(inputs.value, keyValueHeads), heads / keyValueHeads);
  const scores = tf.matMul(query, key, false, true);
  const capped = softCap ? tf.mul(tf.tanh(tf.div(scores, softCap)), softCap) : scores;
  const ofHeads = sinks && tf.reshape(sinks, [1, heads, 1, 1]);
  const probabilities = sinkSoftmax(tf.add(capped, causalMask(longest, window)), ofHeads);
  const attended = tf.transpose(tf.matMul(probabilities, value), [0, 2, 1, 3]);
  return layout.pack(tf.reshape(attended, [rowLengths.length * longest, -1]));
}

/** Key and value heads, each for the `times` query heads that share it: `[B, K, T, D]` → `[B, K · times, T, D]`. */
export function repeatHeads(x: tf.Tensor, times: number): tf.Tensor {
  if (times === 1) return x;
  const [rows, heads, length, width] = x.shape;
  // Of four axes, because the gradient of a tiling is for four at most.
  const repeated = tf.tile(tf.reshape(x, [rows * heads, 1, length, width]), [1, times, 1, 1]);
  return tf.reshape(repeated, [rows, heads * times, length, width]);
}

/** 0 where a position (row of the mask) may attend, a large negative number elsewhere: float32 `[length, length]`. */
function causalMask(length: number, window: number): tf.Tensor {
  const mask = new Float32Array(length * length);
  for (let from = 0; from < length; from++) {
    for (let to = 0; to < length; to++) {
      if (to > from || (window > 0 && to <= from - window)) mask[from * length + to] = -1e9;
    }
  }
  return tf.tensor2d(mask, [length, length]);
}
