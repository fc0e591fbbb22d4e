/**
 * Coarse logits in which some rows stand for spans of several tokens: the likelihood of the span's text against that of all
 * others.
 *
 * Shapes: `c` tokens to be predicted, `m` those of them that are in spans, `W` columns, `V` vocabulary.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { LOG_ZERO } from "../distributions/distribution.ts";

/** Which rows are in which spans. */
export interface SpanPlan {
  /** The columns of the rows' own tokens, `[c]`. */
  columns: Int32Array;
  /** The first row of each span. */
  firsts: readonly number[];
  /** The rows that are in spans, int32 `[m]`. */
  members: Int32Array;
  /** The span of each of them, `[m]`. */
  spanOf: readonly number[];
  /** The rows whose answer is that of the next token, `[c]`. */
  isPlain: readonly boolean[];
  /** The rows that are compared, `[c]`. */
  isCompared: readonly boolean[];
}

/** Plans the spans of an answer. */
export function planSpans(spans: Int32Array, columns: Int32Array): SpanPlan {
  const firsts: number[] = [], members: number[] = [], spanOf: number[] = [];
  spans.forEach((size, row) => {
    if (size <= 0) return;
    for (let token = 0; token < size; token++) {
      members.push(row + token);
      spanOf.push(firsts.length);
    }
    firsts.push(row);
  });
  return {
    columns,
    firsts,
    members: Int32Array.from(members),
    spanOf,
    isPlain: Array.from(spans, (size) => size === 0),
    isCompared: Array.from(spans, (size) => size >= 0),
  };
}

/** Logits with spans, and what leads a gradient back. */
export interface SpanLogits {
  /** float32 `[c, W]`: of the first row of a span, its own column and the last one. */
  logits: tf.Tensor2D;
  /** The probabilities of the rows in spans, float32 `[m, W]`; absent where there is none. */
  probs?: tf.Tensor2D;
  /** `log (1 − P)` of each span. */
  logOthers: Float64Array;
}

/**
 * Puts the likelihoods of spans into their first rows: `log P = Σ log q(own token)`, and `log (1 − P)`, in float64, exact
 * where either is near 0. A row that is not compared has probability 1 for its own token, until the teacher's numbers take its place.
 *
 * @param coarse float32 `[c, W]`, the last column that of the rest.
 * @param plan The spans.
 */
export function spanLogits(coarse: tf.Tensor2D, plan: SpanPlan): SpanLogits {
  const { columns, firsts, members, spanOf, isPlain } = plan;
  const [count, width] = coarse.shape;
  const gaps = members.length === 0 ? [] : tf.tidy(() => {
    const rows = tf.gather(coarse, tf.tensor1d(members, "int32"));
    const own = ownColumns(members.map((row) => columns[row]), width);
    const apart = (on: tf.Tensor, off: number) => tf.where(own, on, tf.fill(rows.shape, off));
    const others = tf.where(own, tf.fill(rows.shape, LOG_ZERO), tf.maximum(rows, LOG_ZERO));
    return tf.sub(tf.logSumExp(others, -1), tf.sum(apart(rows, 0), -1)).dataSync();
  });
  const logSpans = new Float64Array(firsts.length);
  gaps.forEach((gap, member) => logSpans[spanOf[member]] -= softplus(gap));
  const logOthers = logSpans.map(log1mExp);
  const fixed = new Float32Array(count * width).fill(-Infinity);
  isPlain.forEach((plain, row) => {
    if (!plain) fixed[row * width + columns[row]] = 0;
  });
  firsts.forEach((row, span) => {
    fixed[row * width + columns[row]] = logSpans[span];
    fixed[(row + 1) * width - 1] = logOthers[span];
  });
  const logits = tf.tidy(() => tf.where(rowMask(isPlain, width), coarse, tf.tensor2d(fixed, [count, width])));
  if (members.length === 0) return { logits, logOthers };
  const probs = tf.tidy(() => tf.softmax(tf.gather(coarse, tf.tensor1d(members, "int32")))) as tf.Tensor2D;
  return { logits, probs, logOthers };
}

/**
 * Leads the gradient in the logits with spans back to the coarse ones: `d log q(own) = 1[own] − q`, and of a span's value,
 * whose two logits only count by their difference, `dD / d log P = −(dD / d log (1 − P)) / (1 − P)`.
 *
 * @param gradient float32 `[c, W]`.
 * @param made What {@linkcode spanLogits} made.
 * @param plan The spans.
 * @returns float32 `[c, W]`.
 */
export function spanLogitsGradient(
  gradient: tf.Tensor2D,
  { probs, logOthers }: Omit<SpanLogits, "logits">,
  { columns, firsts, members, spanOf, isPlain }: SpanPlan,
): tf.Tensor2D {
  return tf.tidy(() => {
    const [count, width] = gradient.shape;
    const mask = rowMask(isPlain, width);
    if (!probs) return tf.where(mask, gradient, tf.zerosLike(gradient));
    const ofOthers = tf.slice(tf.gather(gradient, tf.tensor1d([...firsts], "int32")), [0, width - 1], [
      firsts.length,
      1,
    ]);
    const scales = Float64Array.from(ofOthers.dataSync(), (each, span) => -each / Math.exp(logOthers[span]));
    const scale = tf.tensor2d(spanOf.map((span) => scales[span]), [members.length, 1]);
    const own = tf.cast(ownColumns(members.map((row) => columns[row]), width), "float32");
    const rows = tf.concat([tf.mul(tf.sub(own, probs), scale), tf.zeros([1, width])], 0);
    const places = new Int32Array(count).fill(members.length);
    members.forEach((row, member) => places[row] = member);
    return tf.where(mask, gradient, tf.gather(rows, tf.tensor1d(places, "int32"))) as tf.Tensor2D;
  });
}

/** True in the own column of each row, bool `[m, W]`. */
function ownColumns(columns: Int32Array, width: number): tf.Tensor2D {
  const flat = new Uint8Array(columns.length * width);
  columns.forEach((column, row) => flat[row * width + column] = 1);
  return tf.tensor2d(flat, [columns.length, width], "bool");
}

/** True in all columns of some rows, bool `[c, W]`. */
export function rowMask(rows: readonly boolean[], width: number): tf.Tensor2D {
  const flat = new Uint8Array(rows.length * width);
  rows.forEach((isIn, row) => flat.fill(Number(isIn), row * width, (row + 1) * width));
  return tf.tensor2d(flat, [rows.length, width], "bool");
}

const softplus = (x: number): number => x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x));

/** `log (1 − e^x)` for `x ≤ 0`; not below −60, where a float32 of 1 cannot tell. */
function log1mExp(x: number): number {
  const value = x > -Math.LN2 ? Math.log(-Math.expm1(x)) : Math.log1p(-Math.exp(x));
  return Math.max(value, -60);
}
