/**
 * The gradient by automatic differentiation through plain operations, without any of the closed forms.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { LogPair } from "./assistant_float64.ts";
import type { KlGradientOptions, PlainGradient } from "./kl_gradient.ts";

/**
 * Computes what {@linkcode klGradient} computes, but traces logarithm, power and sum one by one on the engine in use, in
 * float32: `r = softmax(log(λ p^e + (1−λ) q^e) / e)`, `KL = Σ x (log x − log y)`.
 *
 * @param pair `log p` and the student's logits, finite.
 * @param options Order of the arguments, order and weight of the mixture; at α = 1 the geometric mean.
 * @returns The value and the gradient in the student's logits.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { useEngine } from "@amid/amid";
 * import { klGradient, tracedGradient } from "@amid/amid/analysis";
 *
 * await useEngine("cpu");
 * const coins = { teacher: [0.9, 0.1].map(Math.log), student: [0.5, 0.5].map(Math.log) };
 * const options = { order: "qr", alpha: 0, lambda: 0.3 } as const;
 * const [traced, closed] = [tracedGradient(coins, options), klGradient(coins, options)];
 * assert(Math.abs(traced.gradient[0] - closed.gradient[0]) < 1e-6);
 * ```
 */
export function tracedGradient({ teacher, student }: LogPair, options: KlGradientOptions): PlainGradient {
  const { order, alpha, lambda } = options;
  const exponent = (1 - alpha) / 2;
  const p = tf.tensor1d([...teacher]);
  const divergence = (logits: tf.Tensor): tf.Scalar => {
    const q = tf.logSoftmax(logits);
    const power = (logProbs: tf.Tensor, part: number) => tf.mul(part, tf.exp(tf.mul(exponent, logProbs)));
    const logMean = exponent === 0
      ? tf.add(tf.mul(lambda, p), tf.mul(1 - lambda, q))
      : tf.div(tf.log(tf.add(power(p, lambda), power(q, 1 - lambda))), exponent);
    const places: Record<string, tf.Tensor> = { p, q, r: tf.logSoftmax(logMean) };
    const [x, y] = [...order].map((letter) => places[letter]);
    return tf.sum(tf.mul(tf.exp(x), tf.sub(x, y)));
  };
  const { value, grad } = tf.valueAndGrad(divergence)(tf.tensor1d([...student]));
  const result = { value: value.dataSync()[0], gradient: [...grad.dataSync()] };
  tf.dispose([p, value, grad]);
  return result;
}
