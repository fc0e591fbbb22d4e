/**
 * The next-token loss with its gradient.
 *
 * Kernel an engine may offer: `CrossEntropy { logits } { labels, scale, gradient } → [values, gradient]`, the second only
 * where `gradient` is true.
 *
 * Shapes: `N` tokens, `V` vocabulary.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { hasKernel, runKernel } from "../kernels/fused.ts";

/** Options for {@linkcode crossEntropy}. */
export interface CrossEntropyOptions {
  /**
   * Whether the gradient is needed.
   *
   * @default {true}
   */
  gradient?: boolean;
  /**
   * What the gradient is multiplied by.
   *
   * @default {1}
   */
  scale?: number;
}

/** Values per token and their derivative. */
export interface CrossEntropy {
  /** `−log q(label)`, float32 `[N]`, in nats. */
  values: tf.Tensor1D;
  /** `scale (q − 1 at the label)`, float32 `[N, V]`, where it is needed. */
  gradient?: tf.Tensor2D;
}

/**
 * Computes `−log softmax(logits)` at each row's label, and its gradient in the logits. Nothing is recorded on a tape.
 *
 * @param logits float32 `[N, V]`.
 * @param labels One token per row, each from 0 to V − 1.
 * @throws {RangeError} If labels are not as many as rows, or one is outside the vocabulary.
 */
export function crossEntropy(
  logits: tf.Tensor2D,
  labels: Int32Array,
  options: CrossEntropyOptions = {},
): CrossEntropy {
  const { gradient = true, scale = 1 } = options;
  const [rows, width] = logits.shape;
  if (labels.length !== rows) {
    throw new RangeError(
      `Cannot take the cross-entropy: one label per row is needed, ${rows} in all, current count is ${labels.length}`,
    );
  }
  const outside = labels.find((label) => !(label >= 0 && label < width));
  if (outside !== undefined) {
    throw new RangeError(`Cannot take the cross-entropy: labels must be below ${width}, current value is ${outside}`);
  }
  if (hasKernel("CrossEntropy")) {
    const outputs = runKernel<tf.Tensor[]>("CrossEntropy", { logits }, { labels, scale, gradient });
    return { values: outputs[0] as tf.Tensor1D, gradient: outputs[1] as tf.Tensor2D | undefined };
  }
  return tf.tidy(() => {
    const logSum = tf.logSumExp(logits, -1, true);
    const places = labels.map((label, row) => row * width + label);
    const chosen = tf.gather(tf.reshape(logits, [-1]), tf.tensor1d(places, "int32"));
    const values: tf.Tensor1D = tf.sub(tf.reshape(logSum, [-1]), chosen);
    if (!gradient) return { values };
    const error = tf.sub(tf.exp(tf.sub(logits, logSum)), tf.oneHot(tf.tensor1d(labels, "int32"), width));
    return { values, gradient: tf.mul(error, scale) as tf.Tensor2D };
  });
}
