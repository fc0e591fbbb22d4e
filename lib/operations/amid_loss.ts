/**
 * A divergence between two of teacher, student and assistant and the next-token loss, with both gradients, in one pass
 * over the logits.
 *
 * Kernel an engine may offer: `AmidLoss { student, teacher } { labels, specification, divergenceScale, nextTokenScale } →
 * [gradient, values, nextToken]`, or no outputs where it cannot take logits of that size. The gradient takes the place of
 * the student's logits in memory.
 *
 * Shapes: `N` tokens, `V` vocabulary.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs-core";
import type { AmidLossScales, AmidLossSpecification, KernelDivergence } from "../kernels/amid_loss_specification.ts";
import { hasKernel, runKernel } from "../kernels/fused.ts";

export type { AmidLossScales, AmidLossSpecification, KernelDivergence };

/** The logits `[N, V]` of both models for the same tokens, and the tokens. */
export interface AmidLossInputs {
  student: tf.Tensor2D;
  teacher: tf.Tensor2D;
  labels: Int32Array;
}

/** The losses of each token and the gradient of their sum. The caller frees the tensors. */
export interface AmidLossResult {
  /** `∂/∂ student logits` of the scaled sum of both losses, float32 `[N, V]`. */
  gradient: tf.Tensor2D;
  /** The divergence, float32 `[N]`, in nats. */
  values: tf.Tensor1D;
  /** `−log q(label)`, float32 `[N]`, in nats. */
  nextToken: tf.Tensor1D;
}

/**
 * Runs the engine's kernel, where it has one that takes logits of this size.
 *
 * The student's logits must have no other use: afterwards their memory holds the gradient.
 *
 * @returns The losses and the gradient, or undefined if the engine has no such kernel.
 */
export function amidLoss(
  { student, teacher, labels }: AmidLossInputs,
  specification: AmidLossSpecification,
  scales: AmidLossScales,
): AmidLossResult | undefined {
  if (!hasKernel("AmidLoss")) return undefined;
  const attrs = { labels, specification, ...scales };
  const [gradient, values, nextToken] = runKernel<tf.Tensor[]>("AmidLoss", { student, teacher }, attrs);
  if (!gradient) return undefined;
  return { gradient: gradient as tf.Tensor2D, values: values as tf.Tensor1D, nextToken: nextToken as tf.Tensor1D };
}
