/**
 * The distances between teacher, student and assistant, measured along with the loss.
 *
 * Shapes: `V` is the vocabulary; `[...]` any leading axes; `M` the number of measures.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { type AlphaMixtureOptions, checkAlphaMixture, mix } from "../assistants/alpha_mixture.ts";
import { scoped } from "../distributions/closed_form.ts";
import { type Distribution, fromLogits } from "../distributions/distribution.ts";
import { nonnegative } from "../divergences/divergence.ts";
import { klDivergence } from "../divergences/kl.ts";
import { checkLogits } from "./check_logits.ts";
import type { LogitPair } from "./objective.ts";

/** The measures, with p the teacher, q the student and r the assistant; in nats except for the agreement. */
export interface GapMeasures<Value = number> {
  /** `KL(p‖q)`. */
  klTeacherStudent: Value;
  /** The entropy of p. */
  teacherEntropy: Value;
  /** The entropy of q. */
  studentEntropy: Value;
  /** 1 where p and q have the same most probable token, else 0; a mean of it is the share of such tokens. */
  agreement: Value;
  /** `KL(p‖r)`, if there is an assistant. */
  klTeacherAssistant?: Value;
  /** `KL(r‖q)`, if there is an assistant. */
  klAssistantStudent?: Value;
  /** The entropy of r, if there is an assistant. */
  assistantEntropy?: Value;
}

/** Options for {@linkcode gapMeasures}. */
export interface GapMeasuresOptions {
  /**
   * The mixture that r stands for.
   *
   * @default {none}
   */
  assistant?: AlphaMixtureOptions;
}

/**
 * Measures the gap at each token. It is not differentiable.
 *
 * A measure is infinite where a distribution excludes a token that the one before it in the divergence allows; it is
 * NaN where logits are NaN or, for the measures of r, where α ≥ 1 leaves no token. Of logits that a sparse answer
 * coarsened, divergences and entropies are those of the coarse distributions; the agreement is that of the whole ones.
 *
 * @param logits The two models' logits, float32 `[..., V]`.
 * @param options The assistant.
 * @returns float32 `[...]` each; the caller frees them.
 * @throws {TypeError} If logits are not float32.
 * @throws {RangeError} If vocabularies or positions differ, or the mixture is invalid.
 *
 * Source: "AMiD: Knowledge Distillation for LLMs with α-mixture Assistant Distribution", 2025, arXiv 2510.15982.
 *
 * @example A teacher that is sure, a student that is not
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core";
 * import { useEngine } from "@amid/amid";
 * import { gapMeasures } from "@amid/amid/objectives";
 *
 * await useEngine("cpu");
 * const logits = { teacher: tf.tensor2d([[9, 0]]), student: tf.tensor2d([[1, 0]]) };
 * const { klTeacherAssistant, agreement } = gapMeasures(logits, { assistant: { alpha: 0, lambda: 0.5 } });
 * console.log(klTeacherAssistant!.dataSync()[0], agreement.dataSync()[0]); // 0.06…, 1
 * ```
 */
export function gapMeasures(logits: LogitPair, options: GapMeasuresOptions = {}): GapMeasures<tf.Tensor> {
  const { assistant } = options;
  checkLogits(logits);
  if (assistant) checkAlphaMixture(assistant);
  return scoped<GapMeasures<tf.Tensor>>(() => {
    const [p, q] = [fromLogits(logits.teacher), fromLogits(logits.student)];
    const measures: GapMeasures<tf.Tensor> = {
      klTeacherStudent: kl(p, q),
      teacherEntropy: entropy(p),
      studentEntropy: entropy(q),
      agreement: agreement(logits, [p, q]),
    };
    if (!assistant) return measures;
    const r = mix([p, q], assistant).mixture;
    return { ...measures, klTeacherAssistant: kl(p, r), klAssistantStudent: kl(r, q), assistantEntropy: entropy(r) };
  });
}

/** Where the last column is a rest, only its largest logit counts: the teacher's most probable token is never in it. */
function agreement({ student, largestOfRest }: LogitPair, [p, q]: [p: Distribution, q: Distribution]): tf.Tensor {
  const most = (x: tf.Tensor) => tf.argMax(x, -1);
  const columns = student.shape[student.shape.length - 1]!;
  const named = (x: tf.Tensor) => tf.split(x, [columns - 1, 1], -1)[0];
  const same = largestOfRest
    ? tf.equal(most(named(p.probs)), most(tf.concat([named(student), largestOfRest], -1)))
    : tf.equal(most(p.probs), most(q.probs));
  return tf.cast(same, "float32");
}

const ALWAYS = ["klTeacherStudent", "teacherEntropy", "studentEntropy", "agreement"] as const;
const WITH_ASSISTANT = ["klTeacherAssistant", "klAssistantStudent", "assistantEntropy"] as const;

/** The names of the sums of {@linkcode gapSums}, in their order. */
export function gapNames({ assistant }: GapMeasuresOptions = {}): (keyof GapMeasures)[] {
  return assistant ? [...ALWAYS, ...WITH_ASSISTANT] : [...ALWAYS];
}

/**
 * Sums each measure over the tokens.
 *
 * @returns float32 `[M]`, in the order of {@linkcode gapNames}.
 */
export function gapSums(logits: LogitPair, options: GapMeasuresOptions = {}): tf.Tensor1D {
  return tf.tidy(() => {
    const measures = gapMeasures(logits, options);
    return tf.stack(gapNames(options).map((name) => tf.sum(measures[name]!))) as tf.Tensor1D;
  });
}

/** Gives the means of all chunks their names. */
export function namedGaps(means: ArrayLike<number>, options: GapMeasuresOptions = {}): GapMeasures {
  return Object.fromEntries(gapNames(options).map((name, index) => [name, means[index]])) as unknown as GapMeasures;
}

function kl(x: Distribution, y: Distribution): tf.Tensor {
  return klDivergence.partials(x, y, { x: false, y: false }).values;
}

function entropy({ probs, logProbs }: Distribution): tf.Tensor {
  return nonnegative(tf.neg(tf.sum(tf.mul(probs, logProbs), -1)));
}
