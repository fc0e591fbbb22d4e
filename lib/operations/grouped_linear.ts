/**
 * Linear maps of rows that are sorted by group, each group with its own matrix out of one tensor.
 *
 * Shapes: `P` rows, `E` groups, `I` inputs, `O` outputs.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { linear } from "./linear.ts";

/** Options for {@linkcode groupedLinear}. */
export interface GroupedLinearOptions {
  /** float32 `[E, I, O]`. */
  weight: tf.Tensor;
  /** float32 `[E, O]`. */
  bias: tf.Tensor;
  /** How many rows each group has, `[E]`; their sum is `P`. */
  loads: readonly number[];
}

/**
 * Computes `x · weight[e] + bias[e]` for the rows of each group `e`. A group without rows costs nothing, and its
 * gradients are 0.
 *
 * @param x float32 `[P, I]`, group by group.
 * @returns float32 `[P, O]`.
 * @throws {RangeError} If the rows of the groups do not add up to `P`.
 */
export function groupedLinear(x: tf.Tensor, { weight, bias, loads }: GroupedLinearOptions): tf.Tensor2D {
  const total = loads.reduce((sum, load) => sum + load, 0);
  if (total !== x.shape[0]) {
    throw new RangeError(`Cannot map groups: their rows must add up to ${x.shape[0]}, current sum is ${total}`);
  }
  const busy = loads.flatMap((load, group) => load > 0 ? [group] : []);
  const split = (rows: tf.Tensor) => tf.split(rows as tf.Tensor2D, busy.map((group) => loads[group]), 0);
  const map = tf.customGrad((...args) => {
    const [x, weight, bias, save] = args as [tf.Tensor2D, tf.Tensor3D, tf.Tensor2D, tf.GradSaveFunc];
    save([x, weight]);
    const parts = split(x);
    const value = joined(
      busy.map((group, i) => linear(parts[i], member(weight, group), { bias: member(bias, group) })),
    );
    const gradFunc = (dy: tf.Tensor, [x, weight]: tf.Tensor[]) => {
      const [rows, gradients] = [split(x), split(dy)];
      const ofGroups = (shape: number[], make: (i: number) => tf.Tensor) =>
        tf.stack(loads.map((load, group) => load > 0 ? make(busy.indexOf(group)) : tf.zeros(shape)));
      const product = (i: number) => tf.matMul(rows[i], gradients[i], true, false);
      return [
        joined(busy.map((group, i) => tf.matMul(gradients[i], member(weight, group) as tf.Tensor2D, false, true))),
        ofGroups(weight.shape.slice(1), product),
        ofGroups([weight.shape[2]!], (i) => tf.sum(gradients[i], 0)),
      ];
    };
    return { value, gradFunc };
  });
  return map(x, weight, bias) as tf.Tensor2D;
}

/** One of several stacked tensors. */
function member(stacked: tf.Tensor, index: number): tf.Tensor {
  const [, ...shape] = stacked.shape;
  return tf.reshape(tf.slice(stacked, [index, ...shape.map(() => 0)], [1, ...shape]), shape);
}

const joined = (parts: tf.Tensor[]): tf.Tensor => parts.length === 1 ? parts[0] : tf.concat(parts, 0);
