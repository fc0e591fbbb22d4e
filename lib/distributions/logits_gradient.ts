/**
 * From log-probabilities back to logits.
 *
 * Kernel an engine may offer: `LogSoftmaxGrad { dy, logProbs } → dx`, along the last axis.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { hasKernel, runKernel } from "../kernels/fused.ts";
import { isRecording } from "../kernels/tape.ts";

/**
 * Computes the gradient in the logits from that in their log-probabilities: `dy − probs Σdy`. Nothing is recorded on a
 * tape.
 *
 * @param dy float32 `[..., V]`.
 * @param distribution What the logits were normalised to, float32 `[..., V]` each.
 * @returns float32 `[..., V]`.
 */
export function logitsGradient(
  dy: tf.Tensor,
  { logProbs, probs }: { logProbs: tf.Tensor; probs: tf.Tensor },
): tf.Tensor {
  if (hasKernel("LogSoftmaxGrad") && !isRecording()) {
    return runKernel<tf.Tensor>("LogSoftmaxGrad", { dy, logProbs });
  }
  return tf.tidy(() => tf.sub(dy, tf.mul(probs, tf.sum(dy, -1, true))));
}
