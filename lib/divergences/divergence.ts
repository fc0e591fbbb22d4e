/**
 * The interface of a divergence: a value per token and its two partial derivatives, in closed form.
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

/** Which partial derivatives are needed; each costs passes over `[..., V]`. */
export interface Wanted {
  /** The derivative in the first argument. */
  x: boolean;
  /** The derivative in the second argument. */
  y: boolean;
}

/** A divergence and its partial derivatives at the same point. */
export interface Partials {
  /** `D(x‖y)`, float32 `[...]`, in nats. */
  values: tf.Tensor;
  /** `∂D/∂log x`, float32 `[..., V]`, up to a multiple of `x`, which normalisation removes. */
  dx?: tf.Tensor;
  /** `∂D/∂log y`, float32 `[..., V]`, up to a multiple of `y`. */
  dy?: tf.Tensor;
}

/** A divergence `D(x‖y) ≥ 0`, zero at `x = y`. Each has a file in this folder and lines in the registry. */
export interface Divergence {
  /** Its name in reports. */
  readonly name: string;
  /** Its parameters, if it has any. */
  readonly parameters?: Readonly<Record<string, number>>;
  /**
   * Its specification for the fused loss kernels of engines.
   *
   * @default {none, so that `partials` is always used}
   */
  readonly kernel?: KernelDivergence;
  /**
   * Whether `∂D/∂log y` is linear in the probabilities of x.
   *
   * @default {false}
   */
  readonly linearInFirst?: boolean;
  /** Computes the values and the requested partial derivatives. */
  partials(x: Distribution, y: Distribution, wanted: Wanted): Partials;
}

/**
 * Applies a divergence to log-probabilities, per token, unreduced; differentiable in both arguments by the closed form.
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
      `Cannot compute the divergence ${divergence.name}: its arguments must have the same shape, ` +
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

/** Rounding may leave a divergence between similar distributions slightly below zero. */
export function nonnegative(values: tf.Tensor): tf.Tensor {
  // Not relu, which on the wasm engine turns a NaN with its sign bit set into 0. NaN must be the first argument for the
  // same reason.
  return tf.maximum(values, 0);
}

/**
 * Replaces a value that is very large only because one distribution excludes a token of the other by infinity.
 *
 * @param values float32 `[...]` of a divergence that is logarithmic in the probabilities.
 */
export function infiniteWhereExcluded(values: tf.Tensor): tf.Tensor {
  return tf.tidy(() => tf.where(tf.greater(values, 1e10), tf.fill(values.shape, Infinity), values));
}
