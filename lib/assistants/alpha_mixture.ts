/**
 * The α-mixture assistant: one family of distributions between a teacher's and a student's.
 *
 * Shapes: `V` is the vocabulary; `[...]` any leading axes.
 *
 * @module
 */
import { aTensor, checkArguments, objectWith } from "../arguments/check_arguments.ts";
import * as tf from "@tensorflow/tfjs-core";
import { closedForm, scoped } from "../distributions/closed_form.ts";
import { type Distribution, fromLogits, fromLogProbs, withInfinities } from "../distributions/distribution.ts";
import { powerMean } from "../distributions/power_mean.ts";

/** Options of the α-mixture. */
export interface AlphaMixtureOptions {
  /**
   * The order: any real number or ±∞. Below 1, a token is possible if either model allows it; from 1 on, if both do.
   * `ARITHMETIC`, `GEOMETRIC`, `HARMONIC`, `LARGER` and `SMALLER` are the named members.
   */
  alpha: number;
  /** The weight of the teacher, from 0 (the student) to 1 (the teacher). */
  lambda: number;
}

/** An assistant and how strongly it depends on the student. */
export interface Assistant {
  /** The distribution r. */
  mixture: Distribution;
  /** `ω = ∂log m/∂log q` where `r = m / Σm`: float32 `[..., V]`, or a number if it is the same for all tokens. */
  weight: tf.Tensor | number;
}

/** The arithmetic mean `λp + (1−λ)q`, the mixture of GKD and DistiLLM. */
export const ARITHMETIC: number = -1;
/** The geometric mean `p^λ q^(1−λ)`, normalised: the mixture of TAID. */
export const GEOMETRIC: number = 1;
/** The harmonic mean, normalised. */
export const HARMONIC: number = 3;
/** The larger of the two probabilities, normalised. */
export const LARGER: number = -Infinity;
/** The smaller of the two probabilities, normalised. */
export const SMALLER: number = Infinity;

/**
 * Checks the options of an α-mixture.
 *
 * @throws {TypeError} If one is not a number.
 * @throws {RangeError} If alpha is NaN or lambda is not in 0..1.
 */
export function checkAlphaMixture(options: AlphaMixtureOptions): void {
  checkArguments("mix", { options: [options, objectWith("alpha", "lambda")] });
  const { alpha, lambda } = options;
  for (const [name, value] of Object.entries({ alpha, lambda })) {
    if (typeof value !== "number") {
      throw new TypeError(`Cannot mix: ${name} must be a number, current value is ${String(value)}`);
    }
  }
  if (Number.isNaN(alpha)) {
    throw new RangeError("Cannot mix: alpha must be a real number or ±Infinity, current value is NaN");
  }
  if (!(lambda >= 0 && lambda <= 1)) {
    throw new RangeError(`Cannot mix: lambda must be in 0..1, current value is ${lambda}`);
  }
}

/**
 * Mixes a teacher and a student.
 *
 * @returns The assistant with its weights; the tensors are the caller's.
 */
export function mix([teacher, student]: [Distribution, Distribution], options: AlphaMixtureOptions): Assistant {
  return scoped(() => {
    const { logMean, weight } = powerMean([teacher.logProbs, student.logProbs], options);
    const mixture = fromLogits(logMean);
    return { mixture, weight };
  });
}

/**
 * Computes the log-probabilities of the α-mixture, `r_i ∝ m_i = (λ p_i^e + (1−λ) q_i^e)^(1/e)` with `e = (1−α)/2`.
 *
 * It is continuous in α: the geometric mean at α = 1, the larger of the two at −∞, the smaller at +∞. With λ = 0 it is
 * the student, with λ = 1 the teacher, at every order. A token of probability 0 (a log-probability of −∞) stays at 0
 * for α ≥ 1 if either model excludes it, for α < 1 if both do. Differentiable in both arguments; the gradient through a
 * token is ω for the student and 1 − ω for the teacher, see {@linkcode assistantWeight}.
 *
 * @param teacherLogProbs `log p`, float32 `[..., V]`, each row normalised.
 * @param studentLogProbs `log q`, float32 `[..., V]`; the two shapes broadcast.
 * @returns `log r`, float32 `[..., V]`. If no token is left (disjoint supports, α ≥ 1) the row is NaN.
 * @throws {RangeError} If lambda is not in 0..1, alpha is NaN or the vocabularies differ.
 * @throws {TypeError} If alpha or lambda is not a number.
 *
 * Source: "AMiD: Knowledge Distillation for LLMs with α-mixture Assistant Distribution", 2025, arXiv 2510.15982.
 *
 * @example Halfway between two coins
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core";
 * import { alphaMixture, useEngine } from "@amid/amid";
 *
 * await useEngine("cpu");
 * const r = alphaMixture(tf.log([0.9, 0.1]), tf.log([0.5, 0.5]), { alpha: -1, lambda: 0.5 });
 * console.log(tf.exp(r).dataSync()); // 0.7, 0.3
 * ```
 */
export function alphaMixture(
  teacherLogProbs: tf.Tensor,
  studentLogProbs: tf.Tensor,
  options: AlphaMixtureOptions,
): tf.Tensor {
  checkAlphaMixture(options);
  const inputs = broadcast([teacherLogProbs, studentLogProbs]);
  return closedForm(inputs, (p, q) => {
    const { mixture, weight } = mix([fromLogProbs(p), fromLogProbs(q)], options);
    const backward = (upstream: tf.Tensor, [r, weight]: tf.Tensor[]) => {
      const through = tf.sub(upstream, tf.mul(r, tf.sum(upstream, -1, true)));
      const student = tf.mul(through, weight);
      return [tf.sub(through, student), student];
    };
    const saved = [mixture.probs, tf.mul(tf.onesLike(mixture.probs), weight)];
    return { value: withInfinities(mixture.logProbs), saved, backward };
  });
}

/**
 * Computes `ω_i = (1−λ) q_i^e / (λ p_i^e + (1−λ) q_i^e)`, the share of the student in each token of the α-mixture: for
 * α < 1 it vanishes where the teacher is more confident, for α > 1 where the student is.
 *
 * @param teacherLogProbs `log p`, float32 `[..., V]`.
 * @param studentLogProbs `log q`, float32 `[..., V]`; the two shapes broadcast.
 * @returns float32 `[..., V]`, in 0..1.
 * @throws {RangeError} If lambda is not in 0..1, alpha is NaN or the vocabularies differ.
 * @throws {TypeError} If alpha or lambda is not a number.
 *
 * Source: "AMiD: Knowledge Distillation for LLMs with α-mixture Assistant Distribution", 2025, arXiv 2510.15982.
 *
 * @example Where the teacher is more confident, an arithmetic mixture hardly depends on the student
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core";
 * import { useEngine } from "@amid/amid";
 * import { ARITHMETIC, assistantWeight } from "@amid/amid/assistants";
 *
 * await useEngine("cpu");
 * const [p, q] = [tf.log([0.9, 0.1]), tf.log([0.1, 0.9])];
 * const weight = assistantWeight(p, q, { alpha: ARITHMETIC, lambda: 0.5 });
 * console.log(weight.dataSync()); // 0.1, 0.9
 * ```
 */
export function assistantWeight(
  teacherLogProbs: tf.Tensor,
  studentLogProbs: tf.Tensor,
  options: AlphaMixtureOptions,
): tf.Tensor {
  checkAlphaMixture(options);
  return tf.tidy(() => {
    const [p, q] = broadcast([teacherLogProbs, studentLogProbs]).map(fromLogProbs);
    return tf.mul(tf.onesLike(q.probs), powerMean([p.logProbs, q.logProbs], options).weight);
  });
}

function broadcast([p, q]: [tf.Tensor, tf.Tensor]): [tf.Tensor, tf.Tensor] {
  checkArguments("mix", { teacherLogProbs: [p, aTensor], studentLogProbs: [q, aTensor] });
  const sizes = [p, q].map(({ shape }) => shape[shape.length - 1]);
  if (sizes[0] === undefined || sizes[0] !== sizes[1]) {
    throw new RangeError(
      `Cannot mix: the vocabularies must have the same size, current shapes are [${p.shape}] and [${q.shape}]`,
    );
  }
  const shape = tf.broadcast_util.assertAndGetBroadcastShape(p.shape, q.shape);
  const spread = (x: tf.Tensor): tf.Tensor =>
    x.shape.join() === shape.join() ? x : tf.broadcastTo(x, shape as [number]);
  return [spread(p), spread(q)];
}
