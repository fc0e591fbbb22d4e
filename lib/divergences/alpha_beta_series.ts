/**
 * The αβ-divergence where its plain formulas suffer from cancellation: similar probabilities, small parameters,
 * negative powers.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { cappedExpCurvature } from "./capped_exp.ts";
import type { Distribution } from "../distributions/distribution.ts";
import { exponentialSeries, termSeries } from "../distributions/alpha_beta_coefficients.ts";
import type { Wanted } from "./divergence.ts";

/** One case of the family: the terms that are summed over the vocabulary, and the partial derivatives. */
export type Form = (pair: [x: Distribution, y: Distribution], wanted: Wanted) => {
  terms: tf.Tensor;
  dx?: tf.Tensor;
  dy?: tf.Tensor;
};

/**
 * Replaces a form by its series in `d = log x − log y` where that is short:
 *
 * - terms `x^α y^β d² Σ_k c_k d^k`, `c_k = Σ_j β^j (−α)^(k−j) / (k+2)!`, which contains no quotient,
 * - `∂D/∂log x = x^α y^β d Σ_k (βd)^k / (k+1)!`, and likewise `∂D/∂log y` with `−α` for β and the opposite sign.
 *
 * Where the exponential is capped it is a straight line, and the terms are 0.
 */
export const steadied = (form: Form, { a, b }: { a: number; b: number }): Form => ([x, y], wanted) => {
  const negative = Math.min(a, b, a + b) < 0;
  const plain = form([x, y], negative ? wanted : { x: true, y: true });
  const d = tf.sub(x.logProbs, y.logProbs);
  const exponent = tf.add(tf.mul(x.logProbs, a), tf.mul(y.logProbs, b));
  const mixed = negative ? cappedExpCurvature(exponent) : tf.exp(exponent);
  const slope = tf.mul(mixed, d);
  const derivative = (sign: number, c: number, plain?: tf.Tensor): tf.Tensor | undefined => {
    if (!plain || c === 0) return plain;
    return tf.where(within(d, c), tf.mul(slope, polynomial(d, exponentialSeries(c, sign))), plain);
  };
  const [dx, dy] = [derivative(1, b, plain.dx), derivative(-1, -a, plain.dy)];
  // If no power is negative the divergence is homogeneous of degree α + β, and the derivatives are already exact.
  const far = negative || a + b === 0 ? plain.terms : tf.div(tf.add(dx!, dy!), a + b);
  const near = tf.mul(tf.mul(slope, d), polynomial(d, termSeries(a, b)));
  return { terms: tf.where(within(d, Math.max(Math.abs(a), Math.abs(b))), near, far), dx, dy };
};

function within(d: tf.Tensor, scale: number): tf.Tensor {
  return tf.less(tf.abs(tf.mul(d, scale)), 1);
}

/** By Horner's rule. */
function polynomial(x: tf.Tensor, coefficients: number[]): tf.Tensor {
  const used = coefficients.slice(0, coefficients.findLastIndex((c) => c !== 0) + 1);
  return used.reduceRight<tf.Tensor>((sum, c) => tf.add(tf.mul(sum, x), c), tf.zerosLike(x));
}
