/**
 * The single function through which every family runs its blocks, so that activations can be recomputed transparently.
 *
 * Shapes: `S` positions, `K` kept ones, `H` hidden width, `D` width of a head.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { recomputed } from "../../operations/recomputed.ts";
import type { ForwardInputs } from "../family.ts";

/** The inputs of a block other than the states before it. */
export interface BlockInputs extends ForwardInputs {
  /** The block's index, from 0. */
  layer: number;
  /** Cosines and sines of the positions, float32 `[S, D / 2]`, in families with rotary embeddings. */
  angles?: { cosines: tf.Tensor; sines: tf.Tensor };
}

/**
 * Runs a block.
 *
 * @param x The states before it, float32 `[S, H]`.
 * @param inputs Its other inputs; with `recompute`, none of its activations are kept.
 * @param block Computes the states after it, only from the tensors in its inputs.
 * @returns float32 `[S, H]`, or `[K, H]` with `keep`.
 */
export function throughBlock<Inputs extends BlockInputs>(
  x: tf.Tensor,
  inputs: Inputs,
  block: (x: tf.Tensor, inputs: Inputs) => tf.Tensor,
): tf.Tensor {
  const { recompute: parameters, keep, angles, auxiliary } = inputs;
  const names: string[] = [];
  const run = (x: tf.Tensor, inputs: Inputs): tf.Tensor[] => {
    names.length = 0;
    if (!auxiliary) return [block(x, inputs)];
    const sums: tf.Tensor[] = [];
    const add = (name: string, sum: tf.Tensor) => {
      names.push(name);
      sums.push(sum);
    };
    return [block(x, { ...inputs, auxiliary: { ...auxiliary, add } }), ...sums];
  };
  const constants = { keep: keep as tf.Tensor | undefined, ...angles };
  const [states, ...sums] = parameters
    ? recomputed(
      (x, { keep, cosines, sines }) =>
        run(x, { ...inputs, keep, angles: cosines && sines && { cosines, sines } } as Inputs),
      x,
      { parameters, constants },
    )
    : tf.tidy(() => run(x, inputs));
  sums.forEach((sum, i) => auxiliary!.add(names[i], sum as tf.Tensor1D));
  inputs.onBlock?.(inputs.layer, { before: x, behind: states });
  return states;
}
