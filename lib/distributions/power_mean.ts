/**
 * The arithmetic of the α-mixture: the weighted power mean of two distributions in log space, exact to float32.
 *
 * Shapes: `V` is the vocabulary; `[...]` any leading axes.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { scoped } from "./closed_form.ts";
import { LOG_ZERO } from "./distribution.ts";
import { EXCLUDED } from "./normalize_logits.ts";

/** The order and the weight of the mean. */
export interface PowerMeanOptions {
  /** Any real number or ±∞; 1 gives the geometric mean. */
  alpha: number;
  /** The weight of the first argument, 0 to 1. */
  lambda: number;
}

/** An unnormalised mean, and how strongly it depends on the second argument. */
export interface PowerMean {
  /** `log m`, float32 `[..., V]`. */
  logMean: tf.Tensor;
  /** `ω = ∂log m/∂log q`, in 0..1; the first argument's is `1 − ω`. A number if it is the same for every token. */
  weight: tf.Tensor | number;
}

/** Beyond this exponent the mean is its limit to float32: they differ by less than `|log λ|` times 1e-7. */
export const LARGEST_EXPONENT = 1e7;
/** From this exponent on, dividing by it does not amplify float32's rounding error to 1e-5. */
export const SMALLEST_PLAIN_EXPONENT = 0.05;
/** Up to this `|e (log p − log q)|` the series is exact to float32; it converges below π. */
const SERIES_RADIUS = 1;
/** Terms of that series. */
export const SERIES_TERMS = 14;

/**
 * Computes `log m`, `m_i = (λ p_i^e + (1−λ) q_i^e)^(1/e)` with `e = (1−α)/2`.
 *
 * With `d = log p − log q` the larger of the two powers is taken out, `log m = max + log(1 + exp(−|gap|)) / e`, where
 * `gap = −e d + log (1−λ)/λ` is also the logit of `ω`. For `e` near 0 the division would magnify rounding; there
 * `log m = λ log p + (1−λ) log q + (κ₂/2! · e d + κ₃/3! · (e d)² + …) d`, with κ the cumulants of a Bernoulli variable
 * of probability λ: its series continues through `e = 0`.
 *
 * @param logP `log p`, float32 `[..., V]`, finite (see `LOG_ZERO`).
 * @param logQ `log q`, of the same shape.
 */
export function powerMean([logP, logQ]: [tf.Tensor, tf.Tensor], { alpha, lambda }: PowerMeanOptions): PowerMean {
  const exponent = (1 - alpha) / 2;
  if (lambda === 0) return { logMean: tf.clone(logQ), weight: 1 };
  if (lambda === 1) return { logMean: tf.clone(logP), weight: 0 };
  if (exponent === 0) return { logMean: excluding(geometric([logP, logQ], lambda)), weight: 1 - lambda };
  return scoped<PowerMean>(() => {
    const difference = tf.sub(logP, logQ);
    if (Math.abs(exponent) >= LARGEST_EXPONENT) return extreme([logP, logQ], { exponent, lambda });
    const gap = tf.add(tf.mul(difference, -exponent), Math.log1p(-lambda) - Math.log(lambda));
    const weight = tf.sigmoid(gap);
    const plain = dominated([logP, logQ], { exponent, lambda, gap });
    if (Math.abs(exponent) >= SMALLEST_PLAIN_EXPONENT) return { logMean: plain, weight };
    const z = tf.mul(difference, exponent);
    const series = tf.add(geometric([logP, logQ], lambda), tf.mul(difference, correction(z, lambda)));
    return { logMean: tf.where(tf.less(tf.abs(z), SERIES_RADIUS), series, plain), weight };
  });
}

type Pair = [logP: tf.Tensor, logQ: tf.Tensor];

/** `λ log p + (1−λ) log q`, exact where the two are equal, as where both are the logarithm of zero. */
function geometric([logP, logQ]: Pair, lambda: number): tf.Tensor {
  return tf.tidy(() => tf.add(logQ, tf.mul(tf.sub(logP, logQ), lambda)));
}

/** A multiple of the logarithm of zero is that itself, so that differences between them are 0. */
function excluding(logMean: tf.Tensor): tf.Tensor {
  return tf.tidy(() => tf.where(tf.less(logMean, EXCLUDED), tf.fill(logMean.shape, LOG_ZERO), logMean));
}

/** The limits at α = ±∞. At a tie the weight equals that of every finite order. */
function extreme([logP, logQ]: Pair, { exponent, lambda }: { exponent: number; lambda: number }): PowerMean {
  const limit = exponent > 0 ? tf.maximum(logP, logQ) : tf.minimum(logP, logQ);
  // The wasm engine's maximum and minimum drop a NaN in the second argument.
  const logMean = tf.add(limit, tf.mul(logQ, 0));
  const isQ = tf.cast(tf.equal(logMean, logQ), "float32");
  const isP = tf.cast(tf.equal(logMean, logP), "float32");
  return { logMean, weight: tf.sub(isQ, tf.mul(tf.mul(isQ, isP), lambda)) };
}

function dominated(
  [logP, logQ]: Pair,
  { exponent, lambda, gap }: { exponent: number; lambda: number; gap: tf.Tensor },
): tf.Tensor {
  const weights = [Math.log(lambda), Math.log1p(-lambda)];
  // With the larger weight factored out, float32 only has to hold the ratio of the smaller one to it.
  const largest = Math.max(...weights);
  const [fromP, fromQ] = [logP, logQ].map((x, i) =>
    weights[i] === largest ? x : tf.add(x, (weights[i] - largest) / exponent)
  );
  const larger = exponent > 0 ? tf.maximum(fromP, fromQ) : tf.minimum(fromP, fromQ);
  return tf.add(larger, tf.mul(tf.sub(minusSoftplusOfMinus(tf.abs(gap), exponent), largest), -1 / exponent));
}

/**
 * `−log(1 + exp(−x))`; as `log sigmoid(x)` it costs the wasm engine half as much and is accurate enough to be divided
 * once.
 */
function minusSoftplusOfMinus(x: tf.Tensor, exponent: number): tf.Tensor {
  const plain = Math.abs(exponent) >= SMALLEST_PLAIN_EXPONENT;
  return plain ? tf.log(tf.sigmoid(x)) : tf.neg(tf.log1p(tf.exp(tf.neg(x))));
}

/** `κ₂/2! · z + κ₃/3! · z² + …`, by Horner's rule. */
function correction(z: tf.Tensor, lambda: number): tf.Tensor {
  const coefficients = seriesCoefficients(lambda);
  let sum: tf.Tensor = tf.mul(z, coefficients[coefficients.length - 1]);
  for (let n = coefficients.length - 2; n >= 0; n--) sum = tf.mul(tf.add(sum, coefficients[n]), z);
  return sum;
}

/** `κ_n / n!` for n = 2, 3, …, from `κ_{n+1} = λ (1−λ) dκ_n/dλ`, each a polynomial in λ. */
export function seriesCoefficients(lambda: number): number[] {
  const coefficients: number[] = [];
  let cumulant = [0, 1];
  for (let n = 2, factorial = 2; n < SERIES_TERMS + 2; factorial *= ++n) {
    const next = new Array<number>(cumulant.length + 1).fill(0);
    cumulant.forEach((c, power) => {
      next[power] += power * c;
      next[power + 1] -= power * c;
    });
    cumulant = next;
    coefficients.push(cumulant.reduceRight((sum, c) => sum * lambda + c, 0) / factorial);
  }
  return coefficients;
}
