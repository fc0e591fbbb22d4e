/**
 * Activation functions by their names in config.json.
 *
 * @module
 */
import type { ActivationFunction } from "../../operations/mod.ts";
import { type Json, oneOf } from "../config/config_fields.ts";

/** The functions. */
export const activations = {
  gelu_new: "gelu-tanh",
  gelu_pytorch_tanh: "gelu-tanh",
  gelu_python_tanh: "gelu-tanh",
  gelu_fast: "gelu-tanh",
  gelu_accurate: "gelu-tanh",
  gelu: "gelu",
  gelu_python: "gelu",
  relu: "relu",
  silu: "silu",
  swish: "silu",
} as const satisfies Record<string, ActivationFunction>;

/** The name of an activation function. */
export type Activation = keyof typeof activations;

/** Reads the name of an activation function; a {@linkcode RangeError} names the field of an unknown name. */
export function activationName(json: Json, field: string, byDefault: Activation): Activation {
  return oneOf(json, field, Object.keys(activations) as Activation[], byDefault);
}
