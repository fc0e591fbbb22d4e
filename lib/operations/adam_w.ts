/**
 * One step of AdamW over all parameters.
 *
 * Kernel an engine may offer: `AdamW [parameters…, gradients…, first moments…, second moments…] { count, … } → []`,
 * which changes parameters and moments in place, and may leave the clipped gradients in the gradients' memory.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { hasKernel, runKernel } from "../kernels/fused.ts";

/** The tensors of a step, in the same order in each list. All are changed; gradients have no use afterwards. */
export interface AdamWTensors {
  parameters: readonly tf.Variable[];
  gradients: readonly tf.Tensor[];
  firstMoments: readonly tf.Variable[];
  secondMoments: readonly tf.Variable[];
}

/** Options for {@linkcode adamW}. */
export interface AdamWOptions {
  learningRate: number;
  /** Decay of each parameter, in the parameters' order. */
  weightDecay: readonly number[];
  /** The number of this step, from 1. */
  step: number;
  /**
   * What gradients are multiplied by before use: the factor of clipping.
   *
   * @default {1}
   */
  gradientScale?: number;
  /** @default {0.9} */
  beta1?: number;
  /** @default {0.999} */
  beta2?: number;
  /** @default {1e-8} */
  epsilon?: number;
}

/**
 * Moves each parameter θ by `−η (m̂ / (√v̂ + ε) + w θ)`, with m̂ and v̂ the bias-corrected moments of its gradient.
 *
 * Source: I. Loshchilov and F. Hutter, "Decoupled weight decay regularization", 2019, algorithm 2.
 */
export function adamW(tensors: AdamWTensors, options: AdamWOptions): void {
  const { learningRate, weightDecay, step, gradientScale = 1, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = options;
  const { parameters, gradients, firstMoments, secondMoments } = tensors;
  if (parameters.length === 0) return;
  if (hasKernel("AdamW")) {
    const count = parameters.length;
    const settings = { count, learningRate, weightDecay: [...weightDecay], step, gradientScale, beta1, beta2, epsilon };
    runKernel<tf.Tensor[]>("AdamW", [...parameters, ...gradients, ...firstMoments, ...secondMoments], settings);
    return;
  }
  const stepSize = learningRate / (1 - beta1 ** step);
  const rootCorrection = 1 / Math.sqrt(1 - beta2 ** step);
  parameters.forEach((parameter, i) =>
    tf.tidy(() => {
      const gradient = gradientScale === 1 ? gradients[i] : tf.mul(gradients[i], gradientScale);
      firstMoments[i].assign(tf.add(tf.mul(firstMoments[i], beta1), tf.mul(gradient, 1 - beta1)));
      secondMoments[i].assign(tf.add(tf.mul(secondMoments[i], beta2), tf.mul(tf.square(gradient), 1 - beta2)));
      const deviation = tf.add(tf.mul(tf.sqrt(secondMoments[i]), rootCorrection), epsilon);
      const decayed = weightDecay[i] ? tf.mul(parameter, 1 - learningRate * weightDecay[i]) : parameter;
      parameter.assign(tf.sub(decayed, tf.mul(tf.div(firstMoments[i], deviation), stepSize)));
    })
  );
}
