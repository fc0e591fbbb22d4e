/**
 * Rényi's divergence.
 *
 * @module
 */
import { checkArguments, objectWith } from "../arguments/check_arguments.ts";
import * as tf from "@tensorflow/tfjs-core";
import { type Divergence, infiniteWhereExcluded, nonnegative, perToken } from "./divergence.ts";
import { klDivergence } from "./kl.ts";

/** The parameter of {@linkcode renyi}. */
export interface RenyiOptions {
  /** Above 0; 1 gives KL(x‖y), ½ minus twice the logarithm of the Bhattacharyya coefficient. */
  order: number;
}

/** This close to 1, dividing by `order − 1` would lose more in float32 than taking the limit. */
const NEAR_ONE = 1e-4;

/**
 * {@linkcode renyi} of a fixed order with its partial derivatives. With `w_i = x_i^a y_i^(1−a) / Σ x^a y^(1−a)` they are
 * `a (w − x) / (a − 1)` (up to a multiple of x) and `−w`.
 *
 * @throws {RangeError} If the order is not above 0 and finite.
 */
export function renyiDivergence(options: RenyiOptions): Divergence {
  checkArguments("use Rényi's divergence", { options: [options, objectWith("order")] });
  const { order } = options;
  if (!(order > 0 && order < Infinity)) {
    throw new RangeError(`Cannot use Rényi's divergence: its order must be above 0, current value is ${order}`);
  }
  if (Math.abs(order - 1) < NEAR_ONE) return { ...klDivergence, name: "renyi", parameters: { order } };
  return {
    name: "renyi",
    parameters: { order },
    partials(x, y, wanted) {
      const logTerms = tf.add(tf.mul(x.logProbs, order), tf.mul(y.logProbs, 1 - order));
      const values = nonnegative(tf.div(tf.logSumExp(logTerms, -1), order - 1));
      const terms = tf.softmax(logTerms);
      return {
        values: infiniteWhereExcluded(values),
        dx: wanted.x ? tf.mul(tf.sub(terms, x.probs), order / (order - 1)) : undefined,
        dy: wanted.y ? tf.neg(terms) : undefined,
      };
    },
  };
}

/**
 * Computes `D_a(x‖y) = log Σ x_i^a y_i^(1−a) / (a − 1)` per token; an order within 1e-4 of 1 is taken as 1, KL(x‖y).
 *
 * @param x Log-probabilities, float32 `[..., V]`.
 * @param y Log-probabilities, float32 `[..., V]`.
 * @returns float32 `[...]`, in nats, at least 0; infinite for disjoint supports, and for a > 1 where y excludes a token
 * that x allows.
 * @throws {RangeError} If the shapes differ or the order is not above 0 and finite.
 *
 * Source: A. Rényi, "On measures of entropy and information", 1961.
 *
 * @example A certain outcome against a fair coin
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core";
 * import { useEngine } from "@amid/amid";
 * import { renyi } from "@amid/amid/divergences";
 *
 * await useEngine("cpu");
 * const value = renyi(tf.log([1, 0]), tf.log([0.5, 0.5]), { order: 2 });
 * console.log(value.dataSync()[0]); // log 2
 * ```
 */
export function renyi(x: tf.Tensor, y: tf.Tensor, options: RenyiOptions): tf.Tensor {
  return perToken(renyiDivergence(options), [x, y]);
}
