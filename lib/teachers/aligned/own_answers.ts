/**
 * What a teacher says of its own tokens, before that is put into the student's.
 *
 * Shapes: `c` tokens of the teacher, `k` best tokens, `V′` vocabulary of the teacher.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { joinAnswers, type SparseAnswer } from "../../distributions/sparse_answer.ts";
import { bestTokens } from "../sparse.ts";
import type { DenseTargets, SparseTargets, TeacherTargets } from "../teacher.ts";

/** A teacher's answers about its tokens of a batch. */
export interface OwnAnswers {
  /** Its best tokens, the own ones and the rests from one of its tokens up to before another. */
  best(from: number, to: number): SparseAnswer;
  /** The k largest probabilities at some of its tokens, the largest first, float32 `[c · k]`. */
  largest(tokens: readonly number[]): Float32Array;
}

/** Options for {@linkcode ownAnswers}. */
export interface OwnAnswersOptions {
  /** Its target tokens, `[c]`. */
  labels: Int32Array;
  /** −∞ for tokens that must not be among the best of whole distributions, 0 for the others, `[V′]`. */
  closed: Float32Array;
  topK: number;
}

/** Numbers of the teacher's logits that exist at once. */
const NUMBERS = 2 ** 23;

/** Takes the answers of a teacher's targets, which stay the caller's. */
export function ownAnswers(targets: TeacherTargets, options: OwnAnswersOptions): OwnAnswers {
  return "logits" in targets ? denseAnswers(targets, options) : sparseAnswers(targets, options);
}

/** Those of whole distributions: some of the tokens at a time. */
function denseAnswers(targets: DenseTargets, { labels, closed, topK }: OwnAnswersOptions): OwnAnswers {
  return {
    best(from, to) {
      const size = Math.max(1, Math.floor(NUMBERS / closed.length));
      const parts = Array.from({ length: Math.ceil((to - from) / size) }, (_, index) => {
        const start = from + index * size, count = Math.min(size, to - start);
        const logits = targets.logits(start, count);
        try {
          return bestTokens(logits, { labels: labels.subarray(start, start + count), topK, closed });
        } finally {
          logits.dispose();
        }
      });
      return joinAnswers(parts);
    },
    largest(tokens) {
      const probs = tokens.map((token) =>
        tf.tidy(() => tf.topk(tf.softmax(targets.logits(token, 1)), topK).values.dataSync())
      );
      return Float32Array.from(probs.flatMap((one) => [...one]));
    },
  };
}

/** Those that name the best tokens of all, common or not. */
function sparseAnswers(targets: SparseTargets, { topK }: OwnAnswersOptions): OwnAnswers {
  return {
    best: (from, to) => targets.answer(from, to - from),
    largest(tokens) {
      const probs = new Float32Array(tokens.length * topK);
      tokens.forEach((token, place) => {
        const { logProbs } = targets.answer(token, 1);
        probs.set(logProbs.map(Math.exp).sort().reverse(), place * topK);
      });
      return probs;
    },
  };
}
