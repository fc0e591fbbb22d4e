/**
 * The αβ-divergence with all its limits.
 *
 * @module
 */
import { checkArguments, objectWith } from "../arguments/check_arguments.ts";
import * as tf from "@tensorflow/tfjs-core";
import { cappedExp, cappedExpCurvature, cappedExpSlope } from "./capped_exp.ts";
import type { Distribution } from "../distributions/distribution.ts";
import { SMALLEST_PLAIN, ZERO } from "../distributions/alpha_beta_coefficients.ts";
import { type Form, steadied } from "./alpha_beta_series.ts";
import { type Divergence, type Partials, perToken, total, type Wanted } from "./divergence.ts";

/** The parameters of {@linkcode alphaBeta}. */
export interface AlphaBetaOptions {
  /** Any real number; 0 gives a limit. */
  alpha: number;
  /** Any real number; 0 gives a limit. */
  beta: number;
}

/**
 * The αβ-divergence of fixed parameters, with its partial derivatives; see {@linkcode alphaBeta}.
 *
 * @throws {RangeError} If a parameter is not finite.
 */
export function alphaBetaDivergence(options: AlphaBetaOptions): Divergence {
  checkArguments("use the αβ-divergence", { options: [options, objectWith("alpha", "beta")] });
  const { alpha, beta } = options;
  for (const [name, value] of Object.entries({ alpha, beta })) {
    if (!Number.isFinite(value)) {
      throw new RangeError(`Cannot use the αβ-divergence: ${name} must be finite, current value is ${value}`);
    }
  }
  const [a, b, sum] = [alpha, beta, alpha + beta].map((value) => Math.abs(value) < ZERO ? 0 : value);
  const plain = formOf(a, b, sum);
  const form = Math.min(a, b) >= SMALLEST_PLAIN ? plain : steadied(plain, { a, b });
  const partials = (x: Distribution, y: Distribution, wanted: Wanted): Partials => {
    const { terms, dx, dy } = form([x, y], wanted);
    return { values: total(terms), dx, dy };
  };
  const name = "alpha-beta";
  return { name, parameters: { alpha, beta }, kernel: { name, alpha, beta }, partials };
}

function formOf(a: number, b: number, sum: number): Form {
  if (a === 0 && b === 0) return squaredLogs;
  if (a === 0) return exchanged(bregman(b));
  if (b === 0) return bregman(a);
  return sum === 0 ? ratio(a) : general(a, b);
}

/** `e^exponent` with its slope; capped only where a power is negative. */
function power(exponent: tf.Tensor, capped: boolean): { value: tf.Tensor; slope: tf.Tensor } {
  if (capped) return { value: cappedExp(exponent), slope: cappedExpSlope(exponent) };
  const value = tf.exp(exponent);
  return { value, slope: value };
}

/** `log x^s` as a power; the probabilities themselves where s = 1. */
function powerOf({ logProbs, probs }: Distribution, s: number): { value: tf.Tensor; slope: tf.Tensor } {
  return s === 1 ? { value: probs, slope: probs } : power(tf.mul(logProbs, s), s < 0);
}

const general = (a: number, b: number): Form => ([x, y], wanted) => {
  const sum = a + b;
  const [ofX, ofY] = [powerOf(x, sum), powerOf(y, sum)];
  const mixed = power(tf.add(tf.mul(x.logProbs, a), tf.mul(y.logProbs, b)), Math.min(a, b) < 0);
  const squares = tf.add(tf.mul(ofX.value, 1 / (b * sum)), tf.mul(ofY.value, 1 / (a * sum)));
  return {
    terms: tf.sub(squares, tf.mul(mixed.value, 1 / (a * b))),
    dx: wanted.x ? tf.mul(tf.sub(ofX.slope, mixed.slope), 1 / b) : undefined,
    dy: wanted.y ? tf.mul(tf.sub(ofY.slope, mixed.slope), 1 / a) : undefined,
  };
};

const bregman = (a: number): Form => ([x, y], wanted) => {
  const [ofX, ofY] = [powerOf(x, a), powerOf(y, a)];
  const difference = tf.sub(x.logProbs, y.logProbs);
  const linear = tf.mul(ofX.slope, difference);
  const curvature = a < 0 && wanted.x ? cappedExpCurvature(tf.mul(x.logProbs, a)) : undefined;
  return {
    terms: tf.add(tf.mul(tf.sub(ofY.value, ofX.value), 1 / (a * a)), tf.mul(linear, 1 / a)),
    dx: curvature ? tf.mul(curvature, difference) : linear,
    dy: wanted.y ? tf.mul(tf.sub(ofY.slope, ofX.slope), 1 / a) : undefined,
  };
};

const ratio = (a: number): Form => ([x, y], wanted) => {
  const exponent = tf.mul(tf.sub(x.logProbs, y.logProbs), a);
  const { value, slope } = power(exponent, true);
  const dx = tf.mul(tf.sub(slope, 1), 1 / a);
  return {
    terms: tf.mul(tf.sub(tf.sub(value, 1), exponent), 1 / (a * a)),
    dx,
    dy: wanted.y ? tf.neg(dx) : undefined,
  };
};

const squaredLogs: Form = ([x, y], wanted) => {
  const dx = tf.sub(x.logProbs, y.logProbs);
  return { terms: tf.mul(tf.square(dx), 0.5), dx, dy: wanted.y ? tf.neg(dx) : undefined };
};

/** `D_{0,β}(x‖y) = D_{β,0}(y‖x)`. */
const exchanged = (form: Form): Form => ([x, y], wanted) => {
  const { terms, dx, dy } = form([y, x], { x: wanted.y, y: wanted.x });
  return { terms, dx: dy, dy: dx };
};

/**
 * Computes the αβ-divergence per token, `D(x‖y) = −1/(αβ) Σ (x_i^α y_i^β − α/(α+β) x_i^(α+β) − β/(α+β) y_i^(α+β))`, or,
 * where that is undefined, its limit:
 *
 * | case | `D(x‖y)` |
 * |---|---|
 * | β = 0 | `1/α² Σ (x^α log (x^α/y^α) − x^α + y^α)` |
 * | α = 0 | `1/β² Σ (y^β log (y^β/x^β) − y^β + x^β)` |
 * | α = −β | `1/α² Σ (log (y^α/x^α) + x^α/y^α − 1)` |
 * | α = β = 0 | `½ Σ (log x − log y)²` |
 *
 * (1, 0) is KL(x‖y), (0, 1) is KL(y‖x), (½, ½) four times the squared Hellinger distance, (2, −1) half of χ². Values of
 * α, β or α + β below 1e-4 are taken as 0. If a power is negative, the exponentials are capped at e^40 (see
 * `capped_exp.ts`), and tokens that both exclude contribute nothing.
 *
 * @param x Log-probabilities, float32 `[..., V]`.
 * @param y Log-probabilities, float32 `[..., V]`.
 * @returns float32 `[...]`, at least 0.
 * @throws {RangeError} If the shapes differ or a parameter is not finite.
 *
 * Source: A. Cichocki, S. Cruces and S. Amari, "Generalized Alpha-Beta Divergences and Their Application to Robust
 * Nonnegative Matrix Factorization", 2011.
 *
 * @example At (1, 0) it is the Kullback–Leibler divergence
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core";
 * import { useEngine } from "@amid/amid";
 * import { alphaBeta } from "@amid/amid/divergences";
 *
 * await useEngine("cpu");
 * const value = alphaBeta(tf.log([1, 0]), tf.log([0.5, 0.5]), { alpha: 1, beta: 0 });
 * console.log(value.dataSync()[0]); // log 2
 * ```
 */
export function alphaBeta(x: tf.Tensor, y: tf.Tensor, options: AlphaBetaOptions): tf.Tensor {
  return perToken(alphaBetaDivergence(options), [x, y]);
}
