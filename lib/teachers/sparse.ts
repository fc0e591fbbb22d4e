/**
 * Turns a teacher with whole distributions into one with sparse targets.
 *
 * Shapes: `c` kept tokens of a batch, `k` best tokens, `V` vocabulary.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { aNumber, aTeacher, checkArguments, objectWith } from "../arguments/check_arguments.ts";
import { namedTokens } from "../distributions/named_tokens.ts";
import { EXCLUDED } from "../distributions/normalize_logits.ts";
import type { SparseAnswer } from "../distributions/sparse_answer.ts";
import { LanguageModel } from "../models/language_model.ts";
import { coarseLogits } from "../operations/coarse_logits.ts";
import { localTeacher } from "./local_teacher.ts";
import { sharedMembers } from "./several.ts";
import type { SparseTargets, Teacher } from "./teacher.ts";

/** Options for {@linkcode sparse}. */
export interface SparseOptions {
  /** How many tokens its answers name, from 1 to the size of the vocabulary. */
  topK: number;
}

/**
 * Makes a teacher name its k best tokens, the row's own and the mass of the rest, as a server or a file of targets
 * would, instead of whole distributions. The mass of the rest is summed up from the tokens themselves, and exact where
 * it is small.
 *
 * @param teacher The teacher, or a model that teaches.
 * @param options How many tokens it names.
 * @throws {RangeError} If `topK` is not a whole number from 1 to the size of the vocabulary.
 * @throws {TypeError} If the teacher answers sparsely already.
 *
 * @example What is lost where a student learns from eight tokens of each distribution
 * ```ts
 * import assert from "node:assert/strict";
 * import { initializeModel, objective, Trainer, useEngine } from "@amid/amid";
 * import { sparse } from "@amid/amid/teachers";
 *
 * await useEngine("wasm");
 * const json = { model_type: "gpt2", vocab_size: 11, n_positions: 8, n_embd: 8, n_head: 2, n_layer: 1 };
 * const [student, model] = [1, 2].map((seed) => initializeModel(json, { seed }));
 * const losses: number[] = [];
 * for (const teacher of [model, sparse(model, { topK: 11 }), sparse(model, { topK: 8 })]) {
 *   const options = { totalSteps: 1, optimizer: { learningRate: 0 } };
 *   const trainer = new Trainer({ student, teacher, objective: objective("forward-kl"), ...options });
 *   losses.push((await trainer.step([{ ids: [1, 2, 3, 4], promptLength: 2 }])).loss);
 *   trainer.dispose();
 * }
 * assert(Math.abs(losses[1] - losses[0]) < 1e-5 && losses[2] <= losses[0]);
 * ```
 */
export function sparse(teacher: LanguageModel | Teacher, options: SparseOptions): Teacher & { readonly topK: number } {
  checkArguments("answer sparsely", { teacher: [teacher, aTeacher], options: [options, objectWith("topK")] });
  const { topK } = options;
  checkArguments("answer sparsely", { topK: [topK, aNumber] });
  const inner = teacher instanceof LanguageModel ? localTeacher(teacher) : teacher;
  const { vocabularySize } = inner;
  if (!(Number.isInteger(topK) && topK >= 1 && topK <= vocabularySize)) {
    throw new RangeError(
      `Cannot make sparse targets: topK must be a whole number from 1 to ${vocabularySize}, current value is ${topK}`,
    );
  }
  if (inner.topK !== undefined) {
    throw new TypeError(
      `Cannot make sparse targets: the teacher must provide whole distributions, "${inner.name}" names ${inner.topK} tokens`,
    );
  }
  return {
    ...sharedMembers([inner]),
    name: `${inner.name}, its ${topK} best tokens`,
    topK,
    get vocabularySize() {
      return inner.vocabularySize;
    },
    async identity() {
      const { settings, rounding, digest } = await inner.identity();
      return { settings: { ...settings, topK }, rounding, digest: async () => `${await digest()}-${topK}` };
    },
    open: (plan) => inner.open?.(plan) ?? Promise.resolve(),
    async prepare(batch): Promise<SparseTargets> {
      const targets = await inner.prepare(batch);
      if (!("logits" in targets)) {
        throw new TypeError(`Cannot answer sparsely: the teacher "${inner.name}" must provide logits`);
      }
      return {
        answer(start, size) {
          const logits = targets.logits(start, size);
          try {
            return bestTokens(logits, { labels: batch.labels.subarray(start, start + size), topK });
          } finally {
            logits.dispose();
          }
        },
        dispose: () => targets.dispose(),
      };
    },
  };
}

/** Options for {@linkcode bestTokens}. */
export interface BestTokensOptions extends SparseOptions {
  /** The target tokens, `[c]`. */
  labels: Int32Array;
  /**
   * What is added to a token's logit before the best ones are chosen: −∞ for those that must not be among them, `[V]`.
   *
   * @default {all may be}
   */
  closed?: Float32Array;
}

/**
 * Takes the best tokens of distributions.
 *
 * @param logits float32 `[c, V]`.
 * @param options The rows' own tokens, and how many to take.
 */
export function bestTokens(logits: tf.Tensor2D, { labels, topK, closed }: BestTokensOptions): SparseAnswer {
  const best = tf.tidy(() => {
    const open = closed ? tf.add(logits, tf.tensor1d(closed)) : logits;
    return tf.topk(open, topK).indices.dataSync();
  }) as Int32Array;
  const { ids, columns, open } = namedTokens(best, labels);
  const width = topK + 2;
  const numbers = tf.tidy(() => {
    const { coarse } = coarseLogits(logits, { ids });
    return tf.logSoftmax(tf.add(coarse, tf.tensor2d(open, [labels.length, width]))).dataSync();
  });
  const rest = Float32Array.from(labels, (_, place) => numbers[place * width + topK + 1]);
  return {
    ids: best,
    logProbs: Float32Array.from(best, (_, at) => numbers[at + 2 * Math.floor(at / topK)]),
    own: Float32Array.from(columns, (column, place) => numbers[place * width + column]),
    rest: rest.map((logProb) => logProb < EXCLUDED ? -Infinity : logProb),
  };
}
