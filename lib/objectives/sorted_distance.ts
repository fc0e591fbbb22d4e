/**
 * The distance between sorted probabilities, which needs no common vocabulary.
 *
 * Shapes: `c` tokens to be predicted, `s` those of them that are compared, `k` largest probabilities, `V` vocabulary.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { scoped } from "../distributions/closed_form.ts";
import type { SortedProbs } from "../distributions/sparse_answer.ts";

/** A sum of distances, and its gradient. */
export interface SortedDistance {
  /** The sum over the compared tokens, a scalar from 0 to `2 s`. */
  sum: tf.Scalar;
  /** `∂ sum / ∂ student logits`, float32 `[c, V]`. */
  gradient: tf.Tensor2D;
}

/**
 * Computes `Σ_i |p_(i) − q_(i)|` over the k largest probabilities of either side, in their order, and the difference of what is
 * left of 1: a lower bound of the sum over all, and equal to it for k = V.
 *
 * Source: N. Boizard et al., "Towards cross-tokenizer distillation: the universal logit distillation loss for LLMs", 2024,
 * arXiv 2402.12030.
 *
 * @param student The student's logits, float32 `[c, V]`.
 * @param sorted Which tokens are compared, and the teacher's largest probabilities.
 */
export function sortedDistance(student: tf.Tensor2D, { places, probs }: SortedProbs): SortedDistance {
  return scoped(() => {
    const [count, width] = student.shape, compared = places.length, k = probs.length / compared;
    const own = tf.softmax(tf.gather(student, tf.tensor1d(places, "int32"))) as tf.Tensor2D;
    const { values, indices } = tf.topk(own, k);
    const theirs = tf.tensor2d(probs, [compared, k]);
    const gaps = tf.sub(values, theirs), left = tf.sub(tf.sum(theirs, -1, true), tf.sum(values, -1, true));
    const sum = tf.add(tf.sum(tf.abs(gaps)), tf.sum(tf.abs(left)));
    // With all tokens named, nothing is left to either.
    const ofLeft = k < width ? tf.sign(left) : tf.zerosLike(left);
    const flat = indices.dataSync().map((id, at) => Math.floor(at / k) * width + id);
    const ofNamed = tf.reshape(tf.sub(tf.sign(gaps), ofLeft), [-1]);
    const scattered = tf.scatterND(tf.tensor2d(flat, [flat.length, 1], "int32"), ofNamed, [compared * width]);
    const slope = tf.add(tf.reshape(scattered, [compared, width]), ofLeft);
    const rows = tf.mul(own, tf.sub(slope, tf.sum(tf.mul(own, slope), -1, true)));
    const rowOf = new Int32Array(count).fill(compared);
    places.forEach((place, row) => rowOf[place] = row);
    const gradient = tf.gather(tf.concat([rows, tf.zeros([1, width])], 0), tf.tensor1d(rowOf, "int32"));
    return { sum, gradient } as SortedDistance;
  });
}
