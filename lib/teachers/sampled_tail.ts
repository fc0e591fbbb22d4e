/**
 * Sparse answers whose tail is a sample: unbiased estimates of whole distributions.
 *
 * Shapes: `c` kept tokens of a batch, `k` best tokens, `n` samples, `V` vocabulary.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { aNumber, aTeacher, checkArguments, objectWith } from "../arguments/check_arguments.ts";
import { type Row, rowKey } from "../batches/row.ts";
import type { SparseAnswer } from "../distributions/sparse_answer.ts";
import type { LanguageModel } from "../models/language_model.ts";
import { checkSeed, hashText, randomStream } from "../random/random.ts";
import { teacherOf } from "./local_teacher.ts";
import { sharedMembers } from "./several.ts";
import type { SparseTargets, Teacher } from "./teacher.ts";

/** Options for {@linkcode sampledTail}. */
export interface SampledTailOptions {
  /** How many of the most probable tokens are named with their exact probability; 0 samples from all tokens. */
  topK: number;
  /** How many tokens are drawn from the others. */
  samples: number;
  /**
   * Decides the draws; those of a row depend on nothing else.
   *
   * @default {0}
   */
  seed?: number;
}

/**
 * Makes a teacher name its k best tokens and the row's own with their probabilities, and n tokens drawn from the others
 * in proportion to their probability. Each draw stands for an n-th of the probability of the others, so that the answer
 * of each token is right in expectation: `E[p̂_i] = p_i`, where the k best alone would be biased. The draws are
 * systematic: equal distances along the cumulative distribution, from one random start for each token to be predicted.
 *
 * Only the gradient of an objective that is linear in the teacher's probabilities, the forward KL, is unbiased; the
 * trainer refuses others. Its value is too large by the entropy that estimates lack.
 *
 * Source: A. Anshumann et al., "Sparse Logit Sampling: Accelerating Knowledge Distillation in LLMs", 2025, arXiv
 * 2503.16870, whose sampling it follows for k = 0, with systematic instead of independent draws.
 *
 * @param teacher The teacher, with whole distributions, or a model that teaches.
 * @param options How many tokens are named and drawn.
 * @throws {RangeError} If a number is invalid, or more tokens are wanted than there are.
 * @throws {TypeError} If the teacher's answers are sparse already.
 *
 * @example A step of forward KL from 3 exact probabilities and 2 draws
 * ```ts
 * import assert from "node:assert/strict";
 * import { initializeModel, objective, Trainer, useEngine } from "@amid/amid";
 * import { sampledTail } from "@amid/amid/teachers";
 *
 * await useEngine("wasm");
 * const json = { model_type: "gpt2", vocab_size: 11, n_positions: 8, n_embd: 8, n_head: 2, n_layer: 1 };
 * const [student, model] = [1, 2].map((seed) => initializeModel(json, { seed }));
 * const teacher = sampledTail(model, { topK: 3, samples: 2 });
 * const options = { totalSteps: 1, optimizer: { learningRate: 1e-3 } };
 * const trainer = new Trainer({ student, teacher, objective: objective("forward-kl"), ...options });
 * assert((await trainer.step([{ ids: [1, 2, 3, 4], promptLength: 2 }])).loss > 0);
 * ```
 */
export function sampledTail(
  teacher: LanguageModel | Teacher,
  options: SampledTailOptions,
): Teacher & { readonly topK: number } {
  const deed = "sample the tail of answers";
  checkArguments(deed, { teacher: [teacher, aTeacher], options: [options, objectWith("topK", "samples")] });
  const { topK, samples, seed = 0 } = options;
  checkArguments(deed, { topK: [topK, aNumber], samples: [samples, aNumber], seed: [seed, aNumber] });
  checkSeed(seed, `Cannot ${deed}: the seed`);
  const inner = teacherOf(teacher);
  const { name, vocabularySize } = inner;
  if (inner.topK !== undefined) {
    throw new TypeError(
      `Cannot ${deed}: the teacher must provide whole distributions, "${name}" names ${inner.topK} tokens`,
    );
  }
  // The row's own token is named besides.
  const most = vocabularySize - 1;
  if (!(Number.isInteger(topK) && topK >= 0 && Number.isInteger(samples) && samples >= 1 && topK + samples <= most)) {
    throw new RangeError(
      `Cannot ${deed}: topK must be a whole number from 0 and samples one from 1, together at most ${most}, current ` +
        `values are ${topK} and ${samples}`,
    );
  }
  const settings = { topK, samples, seed };
  return {
    ...sharedMembers([inner]),
    name: `${name}, its ${topK} best tokens and ${samples} samples of the others`,
    topK: topK + samples,
    estimates: true,
    vocabularySize,
    async identity() {
      const { settings: theirs, rounding, digest } = await inner.identity();
      const text = async () => `${await digest()}-${topK}-${samples}-${seed}`;
      return { settings: { ...theirs, sampledTail: settings }, rounding, digest: text };
    },
    open: (plan) => inner.open?.(plan) ?? Promise.resolve(),
    async prepare(batch): Promise<SparseTargets> {
      const targets = await inner.prepare(batch);
      if (!("logits" in targets)) throw new TypeError(`Cannot ${deed}: the teacher "${name}" must provide logits`);
      const starts = startsOf(batch.rows, seed);
      return {
        answer(start, size) {
          const logits = targets.logits(start, size);
          try {
            const labels = batch.labels.subarray(start, start + size);
            return drawn(logits, { labels, topK, samples, starts: starts.subarray(start, start + size) });
          } finally {
            logits.dispose();
          }
        },
        dispose: () => targets.dispose(),
      };
    },
  };
}

/** Where the draws for each response token start, in [0, 1): a stream for each row. */
function startsOf(rows: readonly Row[], seed: number): Float64Array {
  return Float64Array.from(rows.flatMap((row) => {
    const random = randomStream(hashText(rowKey(row), seed));
    return Array.from({ length: row.ids.length - row.promptLength }, () => random.bits() / 2 ** 32);
  }));
}

/** Options for {@linkcode drawn}. */
export interface DrawnOptions extends Omit<SampledTailOptions, "seed"> {
  /** The target tokens, `[c]`. */
  labels: Int32Array;
  /** Where the draws start, `[c]` from 0 to 1. */
  starts: Float64Array;
}

/**
 * Takes the best tokens of distributions and draws from the others.
 *
 * @param logits float32 `[c, V]`.
 * @param options How many, and where draws start.
 * @returns An answer of k + n tokens without rest. Where fewer than n different tokens are drawn, tokens of probability
 * 0 follow.
 */
export function drawn(logits: tf.Tensor2D, { labels, topK, samples, starts }: DrawnOptions): SparseAnswer {
  const [count, width] = logits.shape;
  const all = tf.tidy(() => tf.softmax(logits).dataSync()) as Float32Array;
  const best = topK === 0 ? new Int32Array() : tf.tidy(() => tf.topk(logits, topK).indices.dataSync()) as Int32Array;
  const named = topK + samples;
  const ids = new Int32Array(count * named), logProbs = new Float32Array(count * named).fill(-Infinity);
  const own = new Float32Array(count);
  for (let place = 0; place < count; place += 1) {
    const probs = Float64Array.from(all.subarray(place * width, (place + 1) * width));
    const label = labels[place];
    own[place] = Math.log(probs[label]);
    let at = place * named;
    for (const id of best.subarray(place * topK, (place + 1) * topK)) {
      ids[at] = id;
      logProbs[at++] = Math.log(probs[id]);
    }
    // What is named is not drawn.
    const open = (id: number) => probs[id] >= 0;
    for (const id of best.subarray(place * topK, (place + 1) * topK)) probs[id] = -1;
    probs[label] = -1;
    const mass = probs.reduce((sum, prob) => prob < 0 ? sum : sum + prob, 0);
    for (const [id, share] of systematic(probs, { mass, samples, start: starts[place] })) {
      ids[at] = id;
      logProbs[at++] = Math.log(mass * share);
      probs[id] = -1;
    }
    for (let id = 0; at < (place + 1) * named; id += 1) if (open(id)) ids[at++] = id;
  }
  return { ids, logProbs, own, rest: new Float32Array(count).fill(-Infinity) };
}

/** Draws from the tokens with a probability of at least 0; gives each that is drawn and its share of the draws. */
function systematic(
  probs: Float64Array,
  { mass, samples, start }: { mass: number; samples: number; start: number },
): [id: number, share: number][] {
  const draws: [number, number][] = [];
  if (!(mass > 0)) return draws;
  let passed = 0, taken = 0, last = -1;
  for (let id = 0; id < probs.length && taken < samples; id += 1) {
    if (!(probs[id] > 0)) continue;
    last = id;
    passed += probs[id] / mass;
    const until = Math.min(samples, Math.ceil(passed * samples - start));
    if (until <= taken) continue;
    draws.push([id, (until - taken) / samples]);
    taken = until;
  }
  // Rounding may leave the sum short of the last draw.
  if (taken < samples) {
    const before = draws.at(-1);
    if (before?.[0] === last) before[1] += (samples - taken) / samples;
    else draws.push([last, (samples - taken) / samples]);
  }
  return draws;
}
