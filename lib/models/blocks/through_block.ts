/**
 * The one place through which every family runs its blocks, so that their activations can be dropped and computed again
 * without a family knowing of it.
 *
 * Shapes: `S` positions, `K` kept ones, `H` hidden width, `D` width of a head.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { recomputed } from "../../operations/recomputed.ts";
import type { ForwardInputs } from "../family.ts";

/** What a block is computed from, beside the states before it. */
export interface BlockInputs extends ForwardInputs {
  /** The block's place, from 0. */
  layer: number;
  /** Cosines and sines of the positions, float32 `[S, D / 2]`, in families that have some. */
  angles?: { cosines: tf.Tensor; sines: tf.Tensor };
}

/**
 * Runs a block.
 *
 * @param x The states before it, float32 `[S, H]`.
 * @param inputs What else it is computed from; with `recompute`, none of its activations stay.
 * @param block Computes the states behind it, from the tensors in the inputs that it is given alone.
 * @returns float32 `[S, H]`, or `[K, H]` with `keep`.
 */
export function throughBlock<Inputs extends BlockInputs>(
  x: tf.Tensor,
  inputs: Inputs,
  block: (x: tf.Tensor, inputs: Inputs) => tf.Tensor,
): tf.Tensor {
  const { recompute: parameters, keep, angles } = inputs;
  if (!parameters) return tf.tidy(() => block(x, inputs));
  const constants = { keep: keep as tf.Tensor | undefined, ...angles };
  return recomputed(
    (x, { keep, cosines, sines }) =>
      block(x, { ...inputs, keep, angles: cosines && sines && { cosines, sines } } as Inputs),
    x,
    { parameters, constants },
  );
}
