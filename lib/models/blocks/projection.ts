/**
 * The single function through which every family applies its projections, so that an adapter can add to any of them
 * transparently.
 *
 * Shapes: `S` positions, `I` inputs, `O` outputs.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { activate, type ActivationFunction, linear } from "../../operations/mod.ts";
import type { ForwardInputs } from "../family.ts";

/** Options for {@linkcode project}. */
export interface ProjectOptions {
  /** The projection: its weight is the parameter `<name>.weight`, its bias `<name>.bias`. */
  name: string;
  /**
   * Whether it has a bias.
   *
   * @default {false}
   */
  bias?: boolean;
  /**
   * Whether the weight has the layout `[I, O]`, as in GPT-2; in the other families it is `[O, I]`.
   *
   * @default {false}
   */
  inputFirst?: boolean;
  /**
   * The activation applied to the result, after the adapter's addition.
   *
   * @default {nothing}
   */
  activation?: ActivationFunction;
}

/**
 * Applies a projection, and adds what the model's adapter has for it.
 *
 * @param inputs The inputs of the family's states.
 * @param x float32 `[S, I]`.
 * @returns float32 `[S, O]`.
 * @throws {ReferenceError} If the model has no parameter of that name.
 */
export function project(inputs: ForwardInputs, x: tf.Tensor, options: ProjectOptions): tf.Tensor {
  const { name, bias = false, inputFirst = false, activation } = options;
  const weightName = `${name}.weight`;
  const addition = inputs.adapter?.(weightName, x, inputs.pass);
  const mapped = (within?: ActivationFunction) =>
    linear(x, inputs.parameter(weightName), {
      bias: bias ? inputs.parameter(`${name}.bias`) : undefined,
      transposeWeight: !inputFirst,
      activation: within,
    });
  if (!addition) return mapped(activation);
  const sum = tf.add(mapped(), addition);
  return activation ? activate(sum, activation) : sum;
}
