/**
 * Causal attention over rows that lie packed behind one another, without padding.
 *
 * Shapes: `S` positions of all rows together, `B` rows, `T` the longest row, `D` the width of a head.
 *
 * Kernels an engine may offer:
 * `CausalAttention { query, key, value } { rowLengths, heads, keyValueHeads, scale, window, softCap } → [y, state]` and
 * `CausalAttentionGrad { dy, query, key, value, y, state } { … } → [dquery, dkey, dvalue]`, where `state` is whatever the
 * engine wants to keep (the log of each softmax's sum, say); `window` and `softCap` are 0 where there is none.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { hasKernel, runKernel } from "./fused.ts";

/** Options for {@linkcode causalAttention}. */
export interface CausalAttentionOptions {
  /** The length of each row; they add up to `S`. */
  rowLengths: readonly number[];
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
   * How many positions a position sees, itself included; 0 is all before it.
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
}

/** The query, key and value of each position, `[S, heads · D]` and twice `[S, keyValueHeads · D]`. */
export interface AttentionInputs {
  query: tf.Tensor;
  key: tf.Tensor;
  value: tf.Tensor;
}

tf.registerGradient({
  kernelName: "CausalAttention",
  inputsToSave: ["query", "key", "value"],
  outputsToSave: [true, true],
  gradFunc: (dys, saved, attrs) => {
    const [query, key, value, y, state] = saved;
    const dy = (dys as tf.Tensor[])[0];
    let result: tf.Tensor[] | undefined;
    const part = (index: number) => () =>
      (result ??= runKernel<tf.Tensor[]>(
        "CausalAttentionGrad",
        { dy, query, key, value, y, state },
        attrs as unknown as Record<string, unknown>,
      ))[index];
    return { query: part(0), key: part(1), value: part(2) };
  },
});

/**
 * Computes, for each row and head, `softmax(scale · q kᵀ + causal mask) v`.
 *
 * @returns float32 `[S, heads · D]`.
 * @throws {RangeError} If the rows' lengths do not add up to the positions there are.
 *
 * Source: A. Vaswani et al., "Attention is all you need", 2017, eq. 1.
 */
export function causalAttention(inputs: AttentionInputs, options: CausalAttentionOptions): tf.Tensor {
  const { rowLengths, heads, keyValueHeads = heads, window = 0, softCap = 0 } = options;
  const [positions, width] = inputs.query.shape;
  const { scale = 1 / Math.sqrt(width / heads) } = options;
  const total = rowLengths.reduce((sum, length) => sum + length, 0);
  if (total !== positions) {
    throw new RangeError(`Cannot attend: row lengths must add up to ${positions} positions, their sum is ${total}`);
  }
  const settings = { rowLengths, heads, keyValueHeads, scale, window, softCap };
  if (hasKernel("CausalAttention")) {
    return runKernel<tf.Tensor[]>("CausalAttention", { ...inputs }, { ...settings, rowLengths: [...rowLengths] })[0];
  }
  return composition(inputs, settings);
}

function composition(inputs: AttentionInputs, settings: Required<CausalAttentionOptions>): tf.Tensor {
  const { rowLengths, heads, keyValueHeads, scale, window, softCap } = settings;
  return tf.tidy(() => {
    const rows = padding(rowLengths);
    const split = (x: tf.Tensor, heads: number) =>
      tf.transpose(tf.reshape(rows.pad(x), [rowLengths.length, rows.longest, heads, -1]), [0, 2, 1, 3]);
    const query = tf.mul(split(inputs.query, heads), scale);
    const key = repeatHeads(split(inputs.key, keyValueHeads), heads / keyValueHeads);
    const value = repeatHeads(split(inputs.value, keyValueHeads), heads / keyValueHeads);
    const scores = tf.matMul(query, key, false, true);
    const capped = softCap ? tf.mul(tf.tanh(tf.div(scores, softCap)), softCap) : scores;
    const probabilities = tf.softmax(tf.add(capped, causalMask(rows.longest, window)));
    const attended = tf.transpose(tf.matMul(probabilities, value), [0, 2, 1, 3]);
    return rows.unpad(tf.reshape(attended, [rowLengths.length * rows.longest, -1]));
  });
}

/** Key and value heads, each for the `times` query heads that share it: `[B, K, T, D]` → `[B, K · times, T, D]`. */
export function repeatHeads(x: tf.Tensor, times: number): tf.Tensor {
  if (times === 1) return x;
  const [rows, heads, length, width] = x.shape;
  // Of four axes, because the gradient of a tiling is for four at most.
  const repeated = tf.tile(tf.reshape(x, [rows * heads, 1, length, width]), [1, times, 1, 1]);
  return tf.reshape(repeated, [rows, heads * times, length, width]);
}

/** 0 where a position (row of the mask) may look, a large negative number elsewhere: float32 `[length, length]`. */
function causalMask(length: number, window: number): tf.Tensor {
  const mask = new Float32Array(length * length);
  for (let from = 0; from < length; from++) {
    for (let to = 0; to < length; to++) {
      if (to > from || (window > 0 && to <= from - window)) mask[from * length + to] = -1e9;
    }
  }
  return tf.tensor2d(mask, [length, length]);
}

/**
 * The way from packed rows `[S, W]` to padded ones `[B · T, W]` and back. Padding repeats some real position: under the
 * causal mask no real position looks at it, so that it changes neither value nor gradient.
 */
function padding(rowLengths: readonly number[]) {
  const longest = Math.max(...rowLengths);
  if (rowLengths.every((length) => length === longest)) {
    return { longest, pad: (x: tf.Tensor) => x, unpad: (x: tf.Tensor) => x };
  }
  const slots = new Int32Array(rowLengths.length * longest);
  const places: number[] = [];
  rowLengths.forEach((length, row) => {
    for (let i = 0; i < length; i++) {
      slots[row * longest + i] = places.length;
      places.push(row * longest + i);
    }
  });
  const [slotOf, placeOf] = [tf.tensor1d(slots, "int32"), tf.tensor1d(places, "int32")];
  // What flows back into padding is zero, so the gradient of padding is a gather too, not a sum over segments.
  const pad = tf.customGrad((...args) => {
    const [x, save] = args as [tf.Tensor, tf.GradSaveFunc];
    save([placeOf]);
    return {
      value: tf.gather(x, slotOf),
      gradFunc: (dy: tf.Tensor, [placeOf]: tf.Tensor[]) => tf.gather(dy, placeOf as tf.Tensor1D),
    };
  });
  const unpad = tf.customGrad((...args) => {
    const [x, save] = args as [tf.Tensor, tf.GradSaveFunc];
    save([slotOf]);
    const gradFunc = (dy: tf.Tensor, [slotOf]: tf.Tensor[]) => {
      const kept = new Float32Array(slots.length);
      for (const place of places) kept[place] = 1;
      return tf.mul(tf.gather(dy, slotOf as tf.Tensor1D), tf.tensor2d(kept, [slots.length, 1]));
    };
    return { value: tf.gather(x, placeOf), gradFunc };
  });
  return { longest, pad: (x: tf.Tensor) => pad(x), unpad: (x: tf.Tensor) => unpad(x) };
}
