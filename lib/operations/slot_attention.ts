/**
 * Attention of a row's newest token to keys and values that are kept in slots.
 *
 * Kernels an engine may offer: `PutSlots { added, before? } { slot, capacity } → slots`, which writes into the memory
 * of `before` where that has room and else makes a tensor of `capacity` slots; `JoinSlots [x …] { used, rows, lengths,
 * capacity } → slots`; and `SlotAttention { query, key, value, mask } { slots, scale, softCap } → y`.
 *
 * Shapes: `B` rows, `K` key-value heads, `G` queries that share a key, `C` slots there is room for, `U` those in use,
 * `D` width of a head.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { hasKernel, runKernel } from "../kernels/fused.ts";
import { sinkSoftmax } from "./sink_softmax.ts";
import { softCap as capped } from "./soft_cap.ts";

/** Options for {@linkcode putSlots}. */
export interface PutSlotsOptions {
  /** How many slots are in use before. */
  slot: number;
  /** How many slots to make room for when the tensor is reallocated; an engine may make fewer. */
  capacity: number;
}

/**
 * Appends keys, or values, to the slots in use. Nothing is recorded on a tape.
 *
 * @param before float32 `[B, K, C, D]`, nothing at first; it is freed, and must have no other use.
 * @param added float32 `[B, K, n, D]`.
 * @returns float32 `[B, K, C, D]` with at least `slot + n` slots.
 */
export function putSlots(
  before: tf.Tensor4D | undefined,
  added: tf.Tensor4D,
  { slot, capacity }: PutSlotsOptions,
): tf.Tensor4D {
  let after: tf.Tensor4D;
  if (hasKernel("PutSlots")) {
    const room = Math.max(capacity, slot + added.shape[2]);
    after = runKernel<tf.Tensor4D>("PutSlots", before ? { added, before } : { added }, { slot, capacity: room });
  } else after = before ? tf.tidy(() => tf.concat([firstSlots(before, slot), added], 2)) : tf.clone(added);
  before?.dispose();
  return after;
}

/** Rows of slots. */
export interface SlotRows {
  /** float32 `[B, K, C, D]`. */
  slots: tf.Tensor4D;
  /** How many slots are in use. */
  used: number;
  /** The rows that are taken. */
  rows: readonly number[];
}

/**
 * Takes rows of several tensors together, so that the last slot in use of each is in the same place. Nothing is recorded
 * on a tape.
 *
 * @param parts The tensors, which stay the caller's.
 * @param options How many of its last slots each taken row keeps, and how many slots to make room for; an engine may
 * make fewer.
 * @returns float32 `[B, K, C, D]`, the longest length being in use; what a row does not keep is 0.
 */
export function joinSlots(
  parts: readonly SlotRows[],
  { lengths, capacity }: { lengths: readonly number[]; capacity: number },
): tf.Tensor4D {
  const width = Math.max(...lengths);
  if (hasKernel("JoinSlots")) {
    const attrs = { used: parts.map(({ used }) => used), rows: parts.map(({ rows }) => rows), lengths };
    const inputs = parts.map(({ slots }) => slots);
    return runKernel<tf.Tensor4D>("JoinSlots", inputs, { ...attrs, capacity: Math.max(capacity, width) });
  }
  return tf.tidy(() => {
    const aligned = parts.map(({ slots, used, rows }) => {
      const taken = tf.gather(slots, tf.tensor1d([...rows], "int32")) as tf.Tensor4D;
      const kept = tf.slice(taken, [0, 0, Math.max(0, used - width), 0], [-1, -1, Math.min(used, width), -1]);
      const [count, heads, , size] = taken.shape;
      return used >= width ? kept : tf.concat([tf.zeros([count, heads, width - used, size]), kept], 2);
    });
    return tf.concat(aligned, 0) as tf.Tensor4D;
  });
}

/** What is attended to, and who attends. */
export interface SlotAttentionInputs {
  /** float32 `[B, K, G, D]`. */
  query: tf.Tensor4D;
  /** float32 `[B, K, C, D]`. */
  key: tf.Tensor4D;
  /** float32 `[B, K, C, D]`. */
  value: tf.Tensor4D;
  /** 0 for a slot that a row may attend to, a large negative number for the others: float32 `[B, 1, 1, U]`. */
  mask: tf.Tensor;
}

/** Options for {@linkcode slotAttention}. */
export interface SlotAttentionOptions {
  /** The factor on scores. */
  scale: number;
  /**
   * Scores are capped by this, see `softCap`.
   *
   * @default {no cap}
   */
  softCap?: number;
  /**
   * The score of each query's sink, float32 `[1, K, G, 1]`, see `sinkSoftmax`; the composition alone knows them.
   *
   * @default {no sinks}
   */
  sinks?: tf.Tensor;
}

/**
 * Attends to the first `U` slots: `softmax(cap(scale · q kᵀ) + mask) v`. Nothing is recorded on a tape.
 *
 * @returns float32 `[B, K, G, D]`.
 */
export function slotAttention(inputs: SlotAttentionInputs, options: SlotAttentionOptions): tf.Tensor4D {
  const { query, key, value, mask } = inputs;
  const { scale, softCap = 0, sinks } = options;
  const slots = mask.shape[3]!;
  if (hasKernel("SlotAttention") && !sinks) {
    return runKernel<tf.Tensor4D>("SlotAttention", { query, key, value, mask }, { slots, scale, softCap });
  }
  return tf.tidy(() => {
    const scores = tf.matMul(query, firstSlots(key, slots), false, true);
    const chances = sinkSoftmax(tf.add(capped(tf.mul(scores, scale), softCap), mask), sinks);
    return tf.matMul(chances, firstSlots(value, slots)) as tf.Tensor4D;
  });
}

function firstSlots(x: tf.Tensor4D, count: number): tf.Tensor4D {
  return x.shape[2] === count ? x : tf.slice(x, [0, 0, 0, 0], [-1, -1, count, -1]);
}
