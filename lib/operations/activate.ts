/**
 * The activation functions of the families, by name.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { ActivationFunction } from "../kernels/activation_function.ts";
import { gelu } from "./gelu.ts";
import { silu } from "./silu.ts";

const functions: Record<ActivationFunction, (x: tf.Tensor) => tf.Tensor> = {
  "gelu": (x: tf.Tensor) => gelu(x, { approximate: "none" }),
  "gelu-tanh": (x: tf.Tensor) => gelu(x),
  "relu": (x: tf.Tensor) => tf.relu(x),
  "silu": silu,
};

export type { ActivationFunction };

/**
 * Applies an activation function.
 *
 * @param x float32, any shape.
 * @returns float32, the shape of `x`.
 */
export function activate(x: tf.Tensor, activation: ActivationFunction): tf.Tensor {
  return functions[activation](x);
}
