/**
 * The sigmoid linear unit.
 *
 * Kernels an engine may offer: `Silu { x } → y` and `SiluGrad { dy, x } → dx`.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { hasKernel, runKernel } from "../kernels/fused.ts";

tf.registerGradient({
  kernelName: "Silu",
  inputsToSave: ["x"],
  gradFunc: (dy, [x]) => ({ x: () => runKernel<tf.Tensor>("SiluGrad", { dy: dy as tf.Tensor, x }) }),
});

/**
 * Computes `x · σ(x)`, σ being the logistic function.
 *
 * @param x float32, any shape.
 * @returns float32, the shape of `x`.
 *
 * Source: S. Elfwing et al., "Sigmoid-weighted linear units for neural network function approximation", 2017.
 */
export function silu(x: tf.Tensor): tf.Tensor {
  return hasKernel("Silu") ? runKernel<tf.Tensor>("Silu", { x }) : composition(x);
}

const composition = tf.customGrad((...args) => {
  const [x, save] = args as [tf.Tensor, tf.GradSaveFunc];
  const gate = tf.sigmoid(x);
  save([x, gate]);
  const gradFunc = (dy: tf.Tensor, [x, gate]: tf.Tensor[]) =>
    tf.mul(dy, tf.mul(gate, tf.add(tf.mul(x, tf.sub(1, gate)), 1)));
  return { value: tf.mul(x, gate), gradFunc };
});
