/**
 * Weights of forward and reverse divergence that depend on the two distributions; none carries a gradient.
 *
 * Shapes: `V` is the vocabulary; `[...]` any leading axes.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Distribution } from "../distributions/distribution.ts";
import type { Weighing } from "./combined.ts";

/** The same weights for every token. */
export const fixed = (...weights: number[]): Weighing => () => weights;

/** 1 for the largest of two values, 0 for the other; the first at a tie. */
export const largest: Weighing = ([first, second]) => {
  const isFirst = tf.cast(tf.greaterEqual(first, second), "float32");
  return [isFirst, tf.sub(1, isFirst)];
};

/** Twice the weight, 2 instead of 1, for the divergence from the distribution of higher entropy. */
export const byEntropy: Weighing = (_, { teacher, student }) => {
  const [ofTeacher, ofStudent] = [teacher, student].map(entropy);
  const weight = (higher: tf.Tensor, lower: tf.Tensor): tf.Tensor =>
    tf.add(tf.cast(tf.greater(higher, lower), "float32"), 1);
  return [weight(ofTeacher, ofStudent), weight(ofStudent, ofTeacher)];
};

function entropy({ probs, logProbs }: Distribution): tf.Tensor {
  return tf.neg(tf.sum(tf.mul(probs, logProbs), -1));
}

/**
 * Weighs by where the two differ: the first weight is the share of `Σ|p − q|` on the head, which is the teacher's most
 * probable tokens up to a cumulative probability, the first always among them. Where p = q it is 0.
 */
export const byHead = (mu: number): Weighing => (_, { teacher, student }) => {
  const size = teacher.probs.shape[teacher.probs.shape.length - 1];
  const p = tf.reshape(teacher.probs, [-1, size]);
  const gaps = tf.abs(tf.sub(p, tf.reshape(student.probs, [-1, size])));
  const { values, indices } = tf.topk(p, size);
  const first = tf.oneHot(tf.zeros([p.shape[0]], "int32"), size);
  const isHead = tf.maximum(tf.cast(tf.lessEqual(cumulative(values), mu), "float32"), first);
  const starts = tf.mul(tf.range(0, p.shape[0], 1, "int32"), tf.scalar(size, "int32"));
  const sortedGaps = tf.gather(tf.reshape(gaps, [-1]), tf.add(indices, tf.expandDims(starts, -1)));
  const share = tf.divNoNan(tf.sum(tf.mul(sortedGaps, isHead), -1), tf.sum(gaps, -1));
  const head = tf.reshape(share, teacher.probs.shape.slice(0, -1));
  return [head, tf.sub(1, head)];
};

/** Running sums along the rows, by products with triangles of ones: the wasm engine's own kernel corrupts its memory. */
function cumulative(rows: tf.Tensor): tf.Tensor {
  const [count, size] = rows.shape;
  const width = Math.ceil(Math.sqrt(size));
  const blocks = tf.reshape(tf.pad(rows, [[0, 0], [0, width * width - size]]), [count * width, width]);
  const upTo = tf.linalg.bandPart(tf.ones([width, width]), 0, -1);
  const within = tf.matMul(blocks as tf.Tensor2D, upTo as tf.Tensor2D);
  const totals = tf.reshape(tf.sum(blocks, -1), [count, width]);
  const before = tf.matMul(totals as tf.Tensor2D, tf.sub(upTo, tf.eye(width)) as tf.Tensor2D);
  const sums = tf.add(tf.reshape(within, [count, width, width]), tf.expandDims(before, -1));
  return tf.slice(tf.reshape(sums, [count, width * width]), [0, 0], [count, size]);
}
