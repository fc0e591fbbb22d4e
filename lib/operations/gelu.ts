/**
 * The Gaussian error linear unit.
 *
 * Kernels an engine may offer: `Gelu { x } { approximate } → y` and `GeluGrad { dy, x } { approximate } → dx`, or for the
 * approximation alone `TanhGelu { x } → y` and `TanhGeluGrad { dy, x } → dx`.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { hasKernel, runKernel } from "../kernels/fused.ts";

/** Options for {@linkcode gelu}. */
export interface GeluOptions {
  /**
   * `"tanh"` is the approximation of GPT-2 and Gemma ("gelu_new"), `"none"` the exact function by erf.
   *
   * @default {"tanh"}
   */
  approximate?: "tanh" | "none";
}

for (const kernelName of ["Gelu", "TanhGelu"]) {
  tf.registerGradient({
    kernelName,
    inputsToSave: ["x"],
    gradFunc: (dy, [x], attrs) => ({
      x: () =>
        runKernel<tf.Tensor>(
          `${kernelName}Grad`,
          { dy: dy as tf.Tensor, x },
          attrs as unknown as Record<string, unknown>,
        ),
    }),
  });
}

/**
 * Computes `x · Φ(x)`, Φ being the standard normal distribution function.
 *
 * @param x float32, any shape.
 * @returns float32, the shape of `x`.
 *
 * Source: D. Hendrycks and K. Gimpel, "Gaussian error linear units (GELUs)", 2016.
 */
export function gelu(x: tf.Tensor, options: GeluOptions = {}): tf.Tensor {
  const { approximate = "tanh" } = options;
  if (hasKernel("Gelu")) return runKernel<tf.Tensor>("Gelu", { x }, { approximate });
  if (approximate === "none") return exactForm(x);
  return hasKernel("TanhGelu") ? runKernel<tf.Tensor>("TanhGelu", { x }) : tanhForm(x);
}

const ROOT = Math.sqrt(2 / Math.PI);
const CUBIC = 0.044715;

/** `x · σ(2u)` with `u = √(2/π)(x + 0.044715 x³)`, which equals `x (1 + tanh u) / 2`. */
const tanhForm = tf.customGrad((...args) => {
  const [x, save] = args as [tf.Tensor, tf.GradSaveFunc];
  const gate = tf.sigmoid(tf.mul(x, tf.add(tf.mul(tf.square(x), 2 * ROOT * CUBIC), 2 * ROOT)));
  save([x, gate]);
  const gradFunc = (dy: tf.Tensor, [x, gate]: tf.Tensor[]) => {
    const slope = tf.add(tf.mul(tf.square(x), 6 * ROOT * CUBIC), 2 * ROOT);
    return tf.mul(dy, tf.mul(gate, tf.add(tf.mul(tf.mul(x, tf.sub(1, gate)), slope), 1)));
  };
  return { value: tf.mul(x, gate), gradFunc };
});

const exactForm = tf.customGrad((...args) => {
  const [x, save] = args as [tf.Tensor, tf.GradSaveFunc];
  const cumulative = tf.mul(tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1), 0.5);
  save([x, cumulative]);
  const gradFunc = (dy: tf.Tensor, [x, cumulative]: tf.Tensor[]) => {
    const density = tf.mul(tf.exp(tf.mul(tf.square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
    return tf.mul(dy, tf.add(cumulative, tf.mul(x, density)));
  };
  return { value: tf.mul(x, cumulative), gradFunc };
});
