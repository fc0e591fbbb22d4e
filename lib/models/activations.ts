/**
 * Activation functions by the names that config.json files give them.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { gelu, silu } from "../operations/mod.ts";
import { type Json, oneOf } from "./config_fields.ts";

/** The functions: float32 of any shape to float32 of that shape. */
export const activations = {
  gelu_new: (x: tf.Tensor) => gelu(x),
  gelu_pytorch_tanh: (x: tf.Tensor) => gelu(x),
  gelu: (x: tf.Tensor) => gelu(x, { approximate: "none" }),
  relu: (x: tf.Tensor) => tf.relu(x),
  silu,
  swish: silu,
};

/** The name of an activation function. */
export type Activation = keyof typeof activations;

/** Reads the name of an activation function; a {@linkcode RangeError} names the field where there is none of that name. */
export function activationName(json: Json, field: string, byDefault: Activation): Activation {
  return oneOf(json, field, Object.keys(activations) as Activation[], byDefault);
}
