/**
 * Experts stored in one tensor per layer, with biases and a clamped gate, as in gpt-oss.
 *
 * Shapes: `P` routes, `H` hidden width, `E` experts, `I` the width of an expert's inner layer.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { groupedLinear } from "../../operations/mod.ts";
import type { ForwardInputs } from "../family.ts";
import type { StackedExperts } from "./experts_config.ts";

/** Options for {@linkcode stackedExperts}. */
export interface StackedExpertsOptions extends StackedExperts {
  /** The prefix of their parameters' names. */
  name: string;
  /** The number of rows per expert, `[E]`. */
  loads: readonly number[];
}

/**
 * Computes the experts' outputs.
 *
 * @param inputs The inputs of the family's states.
 * @param x Rows sorted by expert, float32 `[P, H]`.
 * @returns float32 `[P, H]`.
 */
export function stackedExperts(inputs: ForwardInputs, x: tf.Tensor, options: StackedExpertsOptions): tf.Tensor {
  const { name, loads, alpha, limit } = options;
  const mapped = (part: string, x: tf.Tensor) => {
    const [weight, bias] = [`${name}.${part}`, `${name}.${part}_bias`].map((name) => inputs.parameter(name));
    return groupedLinear(x, { weight, bias, loads });
  };
  const both = mapped("gate_up_proj", x);
  const pairs = tf.split(tf.reshape(both, [both.shape[0], both.shape[1] / 2, 2]), 2, 2);
  const [unclamped, up] = pairs.map((part) => tf.squeeze(part, [2]));
  const gate = tf.minimum(unclamped, limit);
  const opened = tf.mul(gate, tf.sigmoid(tf.mul(gate, alpha)));
  return mapped("down_proj", tf.mul(tf.add(tf.clipByValue(up, -limit, limit), 1), opened));
}
