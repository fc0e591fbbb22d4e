/**
 * Normalisation by the root mean square over the last axis.
 *
 * Shapes: `S` positions, `H` width.
 *
 * Kernels an engine may offer: `RmsNorm { x, gain } { epsilon } → [y, reciprocalRoot [S, 1]]` and
 * `RmsNormGrad { dy, x, gain, reciprocalRoot } → [dx, dgain]`.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { hasKernel, runKernel, sharedGradients } from "../kernels/fused.ts";

/** Options for {@linkcode rmsNorm}. */
export interface RmsNormOptions {
  /** float32 `[H]`. */
  gain: tf.Tensor;
  /**
   * Added to the mean square.
   *
   * @default {1e-6}
   */
  epsilon?: number;
}

tf.registerGradient({
  kernelName: "RmsNorm",
  inputsToSave: ["x", "gain"],
  outputsToSave: [false, true],
  gradFunc: (dys, [x, gain, reciprocalRoot]) => {
    const inputs = { dy: (dys as tf.Tensor[])[0], x, gain, reciprocalRoot };
    return sharedGradients(["x", "gain"], () => runKernel<tf.Tensor[]>("RmsNormGrad", inputs));
  },
});

/**
 * Computes `x / sqrt(mean(x²) + ε) · gain` for each position.
 *
 * @param x float32 `[S, H]`.
 * @returns float32 `[S, H]`.
 * @throws {RangeError} If there are other axes than these two, or the gain is not as wide as the positions.
 *
 * Source: B. Zhang and R. Sennrich, "Root mean square layer normalization", 2019, eq. 4.
 */
export function rmsNorm(x: tf.Tensor, options: RmsNormOptions): tf.Tensor {
  const { gain, epsilon = 1e-6 } = options;
  if (x.rank !== 2 || gain.rank !== 1 || gain.shape[0] !== x.shape[1]) {
    throw new RangeError(
      `Cannot normalise: the gain must have the width of [${x.shape}], current shape is [${gain.shape}]`,
    );
  }
  if (hasKernel("RmsNorm")) return runKernel<tf.Tensor[]>("RmsNorm", { x, gain }, { epsilon })[0];
  return composition(epsilon)(x, gain);
}

function composition(epsilon: number) {
  return tf.customGrad((...args) => {
    const [x, gain, save] = args as [tf.Tensor, tf.Tensor, tf.GradSaveFunc];
    const reciprocalRoot = tf.rsqrt(tf.add(tf.mean(tf.square(x), -1, true), epsilon));
    const normal = tf.mul(x, reciprocalRoot);
    save([normal, reciprocalRoot, gain]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => {
      const [normal, reciprocalRoot, gain] = saved;
      const dnormal = tf.mul(dy, gain);
      const projection = tf.mul(normal, tf.mean(tf.mul(dnormal, normal), -1, true));
      return [tf.mul(tf.sub(dnormal, projection), reciprocalRoot), tf.sum(tf.mul(dy, normal), 0)];
    };
    return { value: tf.mul(normal, gain), gradFunc };
  });
}
