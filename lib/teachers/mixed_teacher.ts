/**
 * A mixture of teachers: their α-mixture, of any number of them.
 *
 * Shapes: `c` kept tokens of a batch, `V` vocabulary.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { aList, checkArguments, optional } from "../arguments/check_arguments.ts";
import { ARITHMETIC, checkAlphaMixture } from "../assistants/alpha_mixture.ts";
import { fromLogits, withInfinities } from "../distributions/distribution.ts";
import { powerMean } from "../distributions/power_mean.ts";
import type { LanguageModel } from "../models/language_model.ts";
import { allPrepared, joinedIdentity, sharedMembers, teachersOf } from "./several.ts";
import type { DenseTargets, Teacher } from "./teacher.ts";

/** Options for {@linkcode mixedTeacher}. */
export interface MixedTeacherOptions {
  /**
   * The order of the mixture, as that of an assistant: at −1 it is the weighted mean of the probabilities, at 1 the
   * geometric mean, at −∞ the largest probability, at ∞ the smallest.
   *
   * @default {-1}
   */
  alpha?: number;
  /**
   * The weights of the teachers, from 0; only their ratios count. One of weight 0 is never asked.
   *
   * @default {all the same}
   */
  weights?: readonly number[];
  /**
   * Its name in reports.
   *
   * @default {the teachers' names and weights}
   */
  name?: string;
}

/**
 * Lets several teachers teach as one: `p_i ∝ (Σ_t w_t p_{t,i}^e)^(1/e)` with `e = (1−α)/2`, the α-mixture of their
 * distributions. With two of them and λ for the first one's weight it is what `alphaMixture` computes.
 *
 * @param teachers Models and teachers of one vocabulary, with whole distributions.
 * @param options The order and the weights.
 * @throws {RangeError} If there is no teacher, the vocabularies differ, or a weight or the order is invalid.
 * @throws {TypeError} If a teacher answers sparsely.
 *
 * @example Two thirds of the one, one third of the other
 * ```ts
 * import assert from "node:assert/strict";
 * import { initializeModel, objective, Trainer, useEngine } from "@amid/amid";
 * import { mixedTeacher } from "@amid/amid/teachers";
 *
 * await useEngine("wasm");
 * const json = { model_type: "gpt2", vocab_size: 11, n_positions: 8, n_embd: 8, n_head: 2, n_layer: 1 };
 * const [student, first, second] = [1, 2, 3].map((seed) => initializeModel(json, { seed }));
 * const teacher = mixedTeacher([first, second], { weights: [2, 1] });
 * const options = { totalSteps: 1, optimizer: { learningRate: 1e-2 } };
 * const trainer = new Trainer({ student, teacher, objective: objective("forward-kl"), ...options });
 * assert((await trainer.step([{ ids: [1, 2, 3, 4], promptLength: 2 }])).loss >= 0);
 * ```
 */
export function mixedTeacher(
  teachers: readonly (LanguageModel | Teacher)[],
  options: MixedTeacherOptions = {},
): Teacher {
  checkArguments("mix teachers", { teachers: [teachers, aList], weights: [options.weights, optional(aList)] });
  const { alpha = ARITHMETIC, weights = teachers.map(() => 1) } = options;
  checkAlphaMixture({ alpha, lambda: 0 });
  const named = teachersOf("mix teachers", Object.fromEntries(teachers.map((one, index) => [`teacher ${index}`, one])));
  const parts = Object.values(named);
  const shares = sharesOf(weights, parts);
  const asked = parts.map((part, index) => ({ part, share: shares[index] })).filter(({ share }) => share > 0);
  const words = asked.map(({ part, share }) => `${Number(share.toPrecision(3))} ${part.name}`);
  return {
    ...sharedMembers(parts),
    get vocabularySize() {
      return parts[0].vocabularySize;
    },
    name: options.name ?? `α-mixture (${alpha}) of ${words.join(" and ")}`,
    identity: () => joinedIdentity({ kind: "mixture", alpha, weights: shares.join() }, named),
    async open(plan) {
      for (const { part } of asked) await part.open?.(plan);
    },
    async prepare(batch): Promise<DenseTargets> {
      const targets = await allPrepared(asked.map(({ part }) => part.prepare(batch)));
      const weighted = targets.map((each, index) => ({ targets: each as DenseTargets, share: asked[index].share }));
      return {
        logits: (start, size) => tf.tidy(() => mixed(weighted, { start, size, alpha })),
        dispose: () => targets.forEach((each) => each.dispose()),
      };
    },
  };
}

/** The mixture, teacher by teacher: the power mean of some, weighted by their sum, with the next one. */
function mixed(
  parts: readonly { targets: DenseTargets; share: number }[],
  { start, size, alpha }: { start: number; size: number; alpha: number },
): tf.Tensor2D {
  const of = (targets: DenseTargets) => tf.tidy(() => fromLogits(targets.logits(start, size)).logProbs);
  const [first, ...others] = parts;
  let mean = of(first.targets), sum = first.share;
  for (const { targets, share } of others) {
    const lambda = sum / (sum + share);
    mean = tf.tidy(() => powerMean([mean, of(targets)], { alpha, lambda }).logMean);
    sum += share;
  }
  return withInfinities(mean) as tf.Tensor2D;
}

/** The weights, 1 together. */
function sharesOf(weights: readonly number[], parts: readonly Teacher[]): number[] {
  if (weights.length !== parts.length) {
    throw new RangeError(
      `Cannot mix teachers: one weight for each of ${parts.length} teachers is needed, current count is ${weights.length}`,
    );
  }
  const bad = weights.findIndex((weight) => !(weight >= 0 && weight < Infinity));
  if (bad >= 0) {
    throw new RangeError(`Cannot mix teachers: weights must be non-negative, weight ${bad} is ${weights[bad]}`);
  }
  const sum = weights.reduce((total, weight) => total + weight, 0);
  if (!(sum > 0)) throw new RangeError("Cannot mix teachers: at least one weight must be above 0, all are 0");
  const sparse = parts.find(({ topK }) => topK !== undefined);
  if (sparse) {
    throw new TypeError(
      `Cannot mix teachers: all must provide whole distributions, "${sparse.name}" names ${sparse.topK} tokens`,
    );
  }
  return weights.map((weight) => weight / sum);
}
