/**
 * Layer normalisation over the last axis.
 *
 * Shapes: `S` positions, `H` width.
 *
 * Kernels an engine may offer:
 * `LayerNorm { x, gain, bias } { epsilon } → [y, mean [S, 1], reciprocalDeviation [S, 1]]` and
 * `LayerNormGrad { dy, x, gain, mean, reciprocalDeviation } → [dx, dgain, dbias]`.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { hasKernel, runKernel, sharedGradients } from "../kernels/fused.ts";

/** Options for {@linkcode layerNorm}. */
export interface LayerNormOptions {
  /**
   * Added to the variance.
   *
   * @default {1e-5}
   */
  epsilon?: number;
}

tf.registerGradient({
  kernelName: "LayerNorm",
  inputsToSave: ["x", "gain"],
  outputsToSave: [false, true, true],
  gradFunc: (dys, saved) => {
    const [x, gain, mean, reciprocalDeviation] = saved;
    const dy = (dys as tf.Tensor[])[0];
    const inputs = { dy, x, gain, mean, reciprocalDeviation };
    return sharedGradients(["x", "gain", "bias"], () => runKernel<tf.Tensor[]>("LayerNormGrad", inputs));
  },
});

/**
 * Computes `(x − mean) / sqrt(variance + ε) · gain + bias` for each position.
 *
 * @param x float32 `[S, H]`.
 * @param parameters `gain` and `bias`, float32 `[H]`.
 * @returns float32 `[S, H]`.
 * @throws {RangeError} If gain or bias are not as wide as the positions.
 *
 * Source: J. L. Ba et al., "Layer normalization", 2016, eq. 4.
 */
export function layerNorm(
  x: tf.Tensor,
  parameters: { gain: tf.Tensor; bias: tf.Tensor },
  options: LayerNormOptions = {},
): tf.Tensor {
  const { epsilon = 1e-5 } = options;
  const { gain, bias } = parameters;
  for (const [name, { shape }] of Object.entries({ gain, bias })) {
    if (shape.length !== 1 || shape[0] !== x.shape[x.rank - 1]) {
      throw new RangeError(
        `Cannot normalise: the ${name} must have the width of [${x.shape}], current shape is [${shape}]`,
      );
    }
  }
  if (hasKernel("LayerNorm")) return runKernel<tf.Tensor[]>("LayerNorm", { x, gain, bias }, { epsilon })[0];
  return composition(epsilon)(x, gain, bias);
}

/** The plain operations, with the gradient written out: autodiff would keep four tensors of this size more. */
function composition(epsilon: number) {
  return tf.customGrad((...args) => {
    const [x, gain, bias, save] = args as [tf.Tensor, tf.Tensor, tf.Tensor, tf.GradSaveFunc];
    const centred = tf.sub(x, tf.mean(x, -1, true));
    const reciprocalDeviation = tf.rsqrt(tf.add(tf.mean(tf.square(centred), -1, true), epsilon));
    const normal = tf.mul(centred, reciprocalDeviation);
    save([normal, reciprocalDeviation, gain]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => {
      const [normal, reciprocalDeviation, gain] = saved;
      const dnormal = tf.mul(dy, gain);
      const projection = tf.mul(normal, tf.mean(tf.mul(dnormal, normal), -1, true));
      const dx = tf.mul(tf.sub(tf.sub(dnormal, tf.mean(dnormal, -1, true)), projection), reciprocalDeviation);
      return [dx, tf.sum(tf.mul(dy, normal), 0), tf.sum(dy, 0)];
    };
    return { value: tf.add(tf.mul(normal, gain), bias), gradFunc };
  });
}
