/**
 * Both models' logits over what a sparse answer names: its k best tokens, the row's target token, and one bucket for the
 * rest. Every objective that compares distributions is defined on them.
 *
 * Shapes: `c` tokens to be predicted, `k` best tokens for each, `V` vocabulary.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { aList, aTensor, checkArguments, objectWith, optional } from "../arguments/check_arguments.ts";
import { checkSparseAnswer } from "../distributions/check_sparse_answer.ts";
import { closedForm, scoped } from "../distributions/closed_form.ts";
import { namedTokens } from "../distributions/named_tokens.ts";
import type { SparseAnswer } from "../distributions/sparse_answer.ts";
import { coarseLogits, coarseLogitsGradient } from "../operations/coarse_logits.ts";
import type { LogitPair } from "./objective.ts";
import { planSpans, rowMask, spanLogits, spanLogitsGradient } from "./span_columns.ts";
import type { TokenContext } from "./token_context.ts";

/** What is compared with a sparse answer. */
export interface CoarseningInputs {
  /** The student's logits, float32 `[c, V]`. */
  student: tf.Tensor;
  /** The target tokens, `[c]`. */
  labels: Int32Array;
  /** The reference model's logits, float32 `[c, V]`, where the objective needs them. */
  reference?: tf.Tensor;
  /** The tokens to be predicted, for objectives that ask. */
  tokens?: TokenContext;
}

/** Coarse logits, and what leads a gradient back from them. */
export interface Coarsened {
  /** What objectives compare unless the answer excludes the rest, float32 `[c, k + 2]`. */
  logits: LogitPair & { student: tf.Tensor2D; teacher: tf.Tensor2D };
  /** The named tokens, the rows' own behind the k, `[c · (k + 1)]`. */
  ids: Int32Array;
  /** The columns of the rows' own tokens, `[c]`. */
  labels: Int32Array;
  /** What part of the rest each token is for the student, float32 `[c, V]`. */
  shares: tf.Tensor2D;
  /** Where answers are of spans: the coarse logits of each token by itself, and the way back to them. */
  spans?: {
    /** float32 `[c, k + 2]`. */
    tokens: tf.Tensor2D;
    /** The rows that are compared, `[c]`. */
    isCompared: readonly boolean[];
    /** Leads the gradient in `logits.student` back to `tokens`; `probs`, if given, stand in for those that were made. */
    back(gradient: tf.Tensor2D, probs?: tf.Tensor2D): tf.Tensor2D;
    /** What `back` needs, float32 `[m, k + 2]`. */
    probs?: tf.Tensor2D;
  };
}

/**
 * Coarsens the student's logits, and the reference's, to what an answer of the teacher names, so that an objective compares
 * `Σ_i p_i` and `Σ_i q_i` of the rest as those of one token. A divergence between coarsened distributions is at most that
 * between the whole ones, where the data-processing inequality holds for it; with all tokens named they are equal. At a
 * temperature the coarse logits are divided by it.
 *
 * The result has `k + 2` columns: the k tokens in the answer's order, the row's own, which is excluded by −∞ where it is
 * among the k, and the rest. It is differentiable in the student's logits: a token of the rest gets its share of the
 * rest's gradient.
 *
 * @param inputs The student's logits and the rows' own tokens.
 * @param answer The teacher's answer for these tokens.
 * @returns Logits for `perToken` and `valueAndGradient`, float32 `[c, k + 2]`; the caller frees them.
 * @throws {RangeError | TypeError} If the answer is not one for these tokens; the message names the token.
 *
 * @example Reverse KL to a teacher of which two of four tokens are known
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs-core";
 * import { objective, useEngine } from "@amid/amid";
 * import { coarsened } from "@amid/amid/objectives";
 *
 * await useEngine("cpu");
 * const answer = {
 *   ids: Int32Array.of(2, 0),
 *   logProbs: Float32Array.of(Math.log(0.6), Math.log(0.2)),
 *   own: Float32Array.of(Math.log(0.2)),
 *   rest: Float32Array.of(Math.log(0.2)),
 * };
 * const loss = (student: tf.Tensor) =>
 *   tf.sum(objective("reverse-kl").perToken(coarsened({ student, labels: Int32Array.of(0) }, answer)));
 * const [gradient] = tf.grad(loss)(tf.tensor2d([[0, 0, 0, 1]])).arraySync() as number[][];
 * assert(gradient[1] > 0 && gradient[3] > gradient[1]); // both are of the rest, which is too probable
 * ```
 */
export function coarsened(inputs: CoarseningInputs, answer: SparseAnswer): LogitPair {
  checkArguments("coarsen logits", {
    inputs: [inputs, objectWith("student", "labels")],
    answer: [answer, objectWith("ids", "logProbs", "own", "rest")],
  });
  checkArguments("coarsen logits", {
    student: [inputs.student, aTensor],
    labels: [inputs.labels, aList],
    reference: [inputs.reference, optional(aTensor)],
  });
  const vocabularySize = inputs.student.shape[inputs.student.shape.length - 1]!;
  const placeOf = (place: number) => `token ${place}`;
  checkSparseAnswer(answer, { labels: inputs.labels, vocabularySize, source: "the answer", placeOf });
  return scoped(() => {
    let constants: Pick<LogitPair, "teacher" | "reference" | "largestOfRest"> | undefined;
    const student = closedForm([inputs.student], (student) => {
      const { logits, ids, shares, spans } = coarsen({ ...inputs, student }, answer);
      const { teacher, reference, largestOfRest } = logits;
      constants = { teacher, reference, largestOfRest };
      for (const constant of Object.values(constants)) if (constant) tf.keep(constant);
      const backward = (upstream: tf.Tensor, [shares, probs]: tf.Tensor[]) => {
        const gradient = upstream as tf.Tensor2D;
        const ofTokens = spans ? spans.back(gradient, probs as tf.Tensor2D | undefined) : gradient;
        // The saved shares may be requested again.
        return [coarseLogitsGradient(ofTokens, { shares: tf.add(shares, 0) as tf.Tensor2D, ids })];
      };
      return { value: logits.student, saved: [shares, ...spans?.probs ? [spans.probs] : []], backward };
    });
    const { teacher, reference, largestOfRest } = constants!;
    const pair: LogitPair = { student, teacher: released(teacher) };
    if (reference) pair.reference = released(reference);
    if (largestOfRest) pair.largestOfRest = released(largestOfRest);
    const compared = answer.excludesRest ? withoutRest(pair) : pair;
    return inputs.tokens ? { ...compared, tokens: inputs.tokens } : compared;
  });
}

/**
 * Leaves the rest out of all distributions, which are then those given that the token is one of the named.
 *
 * @param logits Coarse logits, float32 `[c, k + 2]`.
 */
export function withoutRest(logits: LogitPair): LogitPair {
  const columns = logits.student.shape[logits.student.shape.length - 1]!;
  const closing = tf.tensor1d(Float32Array.from({ length: columns }, (_, at) => at === columns - 1 ? -Infinity : 0));
  const { student, teacher, reference, ...others } = logits;
  return {
    ...others,
    student: tf.add(student, closing),
    teacher: tf.add(teacher, closing),
    ...reference && { reference: tf.add(reference, closing) },
  };
}

/** Hands a kept tensor over to the running tidy. */
function released(kept: tf.Tensor): tf.Tensor {
  const copy = tf.clone(kept);
  kept.dispose();
  return copy;
}

/**
 * Coarsens logits without a tape.
 *
 * @param inputs The student's logits and the rows' own tokens.
 * @param answer The teacher's answer for these tokens.
 * @param options Whether the student's logits have no other use, so that their memory may be worked in.
 */
export function coarsen(
  { student, labels, reference, tokens }: CoarseningInputs,
  answer: SparseAnswer,
  options: { overwrite?: boolean } = {},
): Coarsened {
  const { ids, columns, open } = namedTokens(answer.ids, labels);
  const { shares, ...tensors } = scoped(() => {
    const shape: [number, number] = [labels.length, open.length / labels.length];
    const closing = tf.tensor2d(open, shape);
    // The reference first: the student's memory may be that of its shares from here on.
    const compared = reference && tf.add(coarseLogits(reference as tf.Tensor2D, { ids }).coarse, closing);
    const { coarse, shares, largest } = coarseLogits(student as tf.Tensor2D, { ids, ...options });
    return {
      student: tf.add(coarse, closing) as tf.Tensor2D,
      teacher: tf.tensor2d(numbersOf(answer, open), shape),
      reference: compared,
      largestOfRest: largest,
      shares,
    };
  });
  const coarse = { logits: { ...tensors, tokens }, ids, labels: columns, shares };
  return answer.spans?.some((size) => size !== 0) ? withSpans(coarse, answer.spans) : coarse;
}

/** Puts the likelihoods of spans into the rows where they begin. */
function withSpans(coarse: Coarsened, sizes: Int32Array): Coarsened {
  const { student, teacher, reference, largestOfRest } = coarse.logits;
  const plan = planSpans(sizes, coarse.labels);
  const { logits, probs, logOthers } = spanLogits(student, plan);
  const rest = tf.slice(logits, [0, logits.shape[1] - 1], [logits.shape[0], 1]);
  // What is not compared is no difference.
  const compared = (x: tf.Tensor2D) => tf.where(rowMask(plan.isCompared, x.shape[1]), x, teacher) as tf.Tensor2D;
  const plain = tf.tensor2d(plan.isPlain.map(Number), [sizes.length, 1], "bool");
  return {
    ...coarse,
    logits: {
      ...coarse.logits,
      student: compared(logits),
      reference: reference && compared(spanLogits(reference as tf.Tensor2D, plan).logits),
      largestOfRest: largestOfRest && tf.where(plain, largestOfRest, rest),
    },
    spans: {
      tokens: student,
      isCompared: plan.isCompared,
      back: (gradient, given = probs) => spanLogitsGradient(gradient, { probs: given, logOthers }, plan),
      probs,
    },
  };
}

/** The log-probabilities of an answer, column by column. */
function numbersOf({ ids, logProbs, own, rest }: SparseAnswer, open: Float32Array): Float32Array {
  const count = own.length, k = ids.length / count;
  const numbers = new Float32Array(open);
  for (let place = 0; place < count; place++) {
    const first = place * (k + 2);
    numbers.set(logProbs.subarray(place * k, (place + 1) * k), first);
    numbers[first + k] += own[place];
    numbers[first + k + 1] = rest[place];
  }
  return numbers;
}
