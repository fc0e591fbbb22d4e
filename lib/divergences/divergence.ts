/**
 * What a divergence is: a value per token and its two partial derivatives, in closed form.
 *
 * Shapes: `V` is the vocabulary; `[...]` any leading axes.
 *
 * @module
 */
import { aTensor, checkArguments } from "../arguments/check_arguments.ts";
import * as tf from "@tensorflow/tfjs-core";
import type { KernelDivergence } from "../kernels/amid_loss_specification.ts";
import { closedForm } from "../distributions/closed_form.ts";
import { type Distribution, fromLogProbs } from "../distributions/distribution.ts";

/** Which partial derivatives are wanted; each costs passes over `[..., V]`. */
export interface Wanted {
  /** The derivative in the first argument. */
  x: boolean;
  /** The derivative in the second argument. */
  y: boolean;
}

/** A divergence and its partial derivatives at the same place. */
export interface Partials {
  /** `D(x‖y)`, float32 `[...]`, in nats. */
  values: tf.Tensor;
  /** `∂D/∂log x`, float32 `[..., V]`, up to a multiple of `x`, which normalisation takes out again. */
  dx?: tf.Tensor;
  /** `∂D/∂log y`, float32 `[..., V]`, up to a multiple of `y`. */
  dy?: tf.Tensor;
}

/** A divergence `D(x‖y) ≥ 0`, zero at `x = y`. One file in this folder, its lines in the registry. */
export interface Divergence {
  /** The name that reports give. */
  readonly name: string;
  /** Its parameters, where it has any. */
  readonly parameters?: Readonly<Record<string, number>>;
  /**
   * What it is to the kernels of the loss that engines may have.
   *
   * @default {unknown to them, so that `partials` is always used}
   */
  readonly kernel?: KernelDivergence;
  /** Computes the values and the partial derivatives that are wanted. */
  partials(x: Distribution, y: Distribution, wanted: Wanted): Partials;
}

/** A divergence as a function of log-probabilities. */
export type DivergenceFunction = (x: tf.Tensor, y: tf.Tensor) => tf.Tensor;

/**
 * Applies a divergence to log-probabilities, per token, unreduced; differentiable in both by the closed form.
 *
 * @param divergence The divergence.
 * @param logProbs The two arguments, float32 `[..., V]` of the same shape, each row normalised.
 * @returns float32 `[...]`, in nats.
 * @throws {RangeError} If the shapes differ.
 */
export function perToken(divergence: Divergence, [x, y]: [tf.Tensor, tf.Tensor]): tf.Tensor {
  checkArguments(`compute the divergence ${divergence.name}`, { x: [x, aTensor], y: [y, aTensor] });
  if (x.shape.join() !== y.shape.join()) {
    throw new RangeError(
      `Cannot compute the divergence ${divergence.name}: its arguments must have one shape, ` +
        `current shapes are [${x.shape}] and [${y.shape}]`,
    );
  }
  return closedForm([x, y], (x, y) => {
    const { values, dx, dy } = divergence.partials(fromLogProbs(x), fromLogProbs(y), { x: true, y: true });
    const backward = (upstream: tf.Tensor, saved: tf.Tensor[]) => {
      const weight = tf.expandDims(upstream, -1);
      return saved.map((partial) => tf.mul(weight, partial));
    };
    return { value: values, saved: [dx!, dy!], backward };
  });
}

/** Sums over the vocabulary. */
export function total(terms: tf.Tensor): tf.Tensor {
  return tf.tidy(() => nonnegative(tf.sum(terms, -1)));
}

/** Rounding may leave a divergence between like distributions slightly below zero, where none is. */
export function nonnegative(values: tf.Tensor): tf.Tensor {
  // Not relu, which on the wasm engine makes 0 of a NaN with its sign bit set. NaN must come first for the same reason.
  return tf.maximum(values, 0);
}

/**
 * Makes a value infinite that is so large only because a token of the one is excluded by the other.
 *
 * @param values float32 `[...]` of a divergence that is logarithmic in the probabilities.
 */
export function infiniteWhereExcluded(values: tf.Tensor): tf.Tensor {
  return tf.tidy(() => tf.where(tf.greater(values, 1e10), tf.fill(values.shape, Infinity), values));
}
