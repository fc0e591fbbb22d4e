/**
 * Sparse answers in the student's tokens, from the distributions of a teacher with others.
 *
 * Shapes: `c` places of the student, `c′` tokens of the teacher, `k` best tokens.
 *
 * @module
 */
import { NO_TOKEN, type SparseAnswer } from "../../distributions/sparse_answer.ts";
import type { SharedVocabulary } from "./shared_vocabulary.ts";

/** A place of the student: where a span begins, or nothing that is compared by itself. */
export interface AlignedPlace {
  /** Tokens of the student's in the span that begins here; 0 inside a span, and where nothing is aligned. */
  size: number;
  /** The teacher's first token of it, among those of the batch. */
  teacherStart: number;
  /** How many there are. */
  teacherSize: number;
}

/** Options for {@linkcode alignedAnswer}. */
export interface AlignedAnswerOptions {
  /** The student's places, `[c]`. */
  places: readonly AlignedPlace[];
  /** The student's target tokens, `[c]`. */
  labels: Int32Array;
  /** The teacher's target tokens, `[c′]`. */
  teacherLabels: Int32Array;
  /** The first of the teacher's tokens that it answers about. */
  first: number;
  /** The common tokens. */
  shared: SharedVocabulary;
  /** How many tokens the answer names at most, no fewer than there are common ones among the teacher's. */
  topK: number;
  /** Whether spans of several tokens are compared by their likelihoods, or not at all. */
  likelihoods: boolean;
}

/**
 * Makes the student's answer. Where a span is one token of either vocabulary, and they are the same, it has those of the
 * teacher's k best tokens that are common, the own one, and the rest. Elsewhere, the first place of a span has the likelihood of its text, the
 * product of the conditional probabilities, and the rest; where likelihoods are not compared, they are for the loss of the
 * teacher alone.
 *
 * @param answer The teacher's, of its own tokens from `first` on.
 * @param options The places, both sides' targets, the common tokens.
 */
export function alignedAnswer(
  answer: SparseAnswer,
  { places, labels, teacherLabels, first, shared, topK, likelihoods }: AlignedAnswerOptions,
): SparseAnswer {
  const count = places.length, k = answer.own.length === 0 ? 1 : answer.ids.length / answer.own.length;
  const made = {
    ids: new Int32Array(count * topK).fill(NO_TOKEN),
    logProbs: new Float32Array(count * topK).fill(-Infinity),
    own: new Float32Array(count),
    rest: new Float32Array(count).fill(-Infinity),
    spans: new Int32Array(count).fill(-1),
  };
  places.forEach(({ size, teacherStart, teacherSize }, place) => {
    const at = teacherStart - first;
    const isPlain = size === 1 && teacherSize === 1 && shared.studentOf[teacherLabels[teacherStart]] === labels[place];
    if (isPlain) {
      let others = 0; // the mass of named tokens that the student has not
      let next = place * topK;
      for (let rank = 0; rank < k; rank += 1) {
        const id = answer.ids[at * k + rank], logProb = answer.logProbs[at * k + rank];
        const own = id === NO_TOKEN ? NO_TOKEN : shared.studentOf[id];
        if (own === NO_TOKEN) {
          others += Math.exp(logProb);
        } else {
          made.ids[next] = own;
          made.logProbs[next++] = logProb;
        }
      }
      const rest = others === 0 ? answer.rest[at] : Math.log(Math.exp(answer.rest[at]) + others);
      [made.own[place], made.rest[place], made.spans[place]] = [answer.own[at], rest, 0];
      return;
    }
    if (size > 0) {
      const likelihood = Array.from(
        { length: teacherSize },
        (_, token) => ownLogProb(answer, teacherLabels, at + token, first),
      )
        .reduce((sum, logProb) => sum + logProb, 0);
      made.own[place] = likelihood;
      made.rest[place] = log1mExp(likelihood);
      if (likelihoods) made.spans[place] = size;
    }
  });
  return made;
}

/** The log-probability of a row's own token, exact where it is nearly 0: from the mass of all others. */
function ownLogProb({ ids, logProbs, own, rest }: SparseAnswer, labels: Int32Array, at: number, first: number): number {
  if (own[at] < -0.5) return own[at];
  const k = ids.length / own.length;
  let others = Math.exp(rest[at]);
  for (let named = at * k; named < (at + 1) * k; named++) {
    if (ids[named] !== labels[first + at]) others += Math.exp(logProbs[named]);
  }
  return Math.log1p(-Math.min(others, 0.9));
}

/** `log (1 − e^x)` for `x ≤ 0`. */
function log1mExp(x: number): number {
  return x > -Math.LN2 ? Math.log(-Math.expm1(x)) : Math.log1p(-Math.exp(x));
}
