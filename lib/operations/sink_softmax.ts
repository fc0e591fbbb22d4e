/**
 * The softmax of attention with sinks: each head has a learned score that takes a share of the probability and answers
 * nothing, so that a position may attend to nothing.
 *
 * Source: OpenAI, "gpt-oss-120b & gpt-oss-20b model card", 2025, section 2; G. Xiao et al., "Efficient streaming language
 * models with attention sinks", 2023.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";

/**
 * Computes `exp(score) / (exp(sink) + Σ exp(score))` over the last axis; the softmax where there are no sinks.
 *
 * @param scores float32 of four axes.
 * @param sinks Scores that broadcast to all axes but the last, which is 1.
 * @returns float32, the shape of `scores`.
 */
export function sinkSoftmax(scores: tf.Tensor, sinks?: tf.Tensor): tf.Tensor {
  if (!sinks) return tf.softmax(scores);
  const column = [...scores.shape.slice(0, -1), 1];
  const all = tf.softmax(tf.concat([scores, tf.add(tf.zeros(column), sinks)], -1));
  return tf.slice(all, scores.shape.map(() => 0), scores.shape);
}
