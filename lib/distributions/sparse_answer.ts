/**
 * A teacher's answer about next tokens without full distributions: the k best tokens, the row's own, and the mass of
 * the rest.
 *
 * Shapes: `c` tokens to be predicted, `k` best tokens for each.
 *
 * @module
 */

/** Next-token distributions, each by its k best tokens, the row's own token and the mass of the rest. */
export interface SparseAnswer {
  /** The k tokens, int32 `[c · k]`, those of one place side by side in any order; none twice at one place. */
  readonly ids: Int32Array;
  /** Their natural log-probabilities, float32 `[c · k]`. */
  readonly logProbs: Float32Array;
  /** The log-probability of the token that the row has at each place, float32 `[c]`, among the k or not. */
  readonly own: Float32Array;
  /**
   * The logarithm of the probability of all other tokens together, float32 `[c]`: of those that are neither among the k
   * nor the row's own. −∞ where there is no other.
   */
  readonly rest: Float32Array;
}

/** Options for {@linkcode logRest}. */
export interface LogRestOptions {
  /** The rows' own tokens, `[c]`. */
  labels: Int32Array;
  /** Tokens of the vocabulary. */
  vocabularySize: number;
}

/** Below this a difference from 1 is the rounding of float32 log-probabilities. */
const RESOLUTION = 2 ** -20;

/**
 * Computes the mass of the rest, `log (1 − Σ p)`, for teachers that give log-probabilities of single tokens alone, as
 * servers do.
 *
 * Float32 log-probabilities tell masses below 2⁻²⁰ from 0 by chance only. There the most that the k best tokens leave
 * room for is taken, at most 2⁻²⁰: a token outside has no more than the least probable of them. Without this a sure
 * teacher's rest would be impossible, and the reverse KL infinite.
 *
 * @param answer The k best tokens and the rows' own.
 * @param options The rows' own tokens, and the size of the vocabulary.
 * @returns float32 `[c]`.
 *
 * @example Two of three tokens
 * ```ts
 * import assert from "node:assert/strict";
 * import { logRest } from "@amid/amid/teachers";
 *
 * const answer = { ids: Int32Array.of(0, 1), logProbs: Float32Array.of(Math.log(0.5), Math.log(0.25)) };
 * const own = Float32Array.of(Math.log(0.5));
 * const [rest] = logRest({ ...answer, own }, { labels: Int32Array.of(0), vocabularySize: 3 });
 * assert(Math.abs(Math.exp(rest) - 0.25) < 1e-6);
 * ```
 */
export function logRest(
  { ids, logProbs, own }: Omit<SparseAnswer, "rest">,
  { labels, vocabularySize }: LogRestOptions,
): Float32Array {
  const k = ids.length / labels.length;
  return Float32Array.from(labels, (label, place) => {
    const named = logProbs.subarray(place * k, (place + 1) * k);
    const listed = ids.subarray(place * k, (place + 1) * k).includes(label);
    const others = vocabularySize - k - (listed ? 0 : 1);
    if (others === 0) return -Infinity;
    const mass = named.reduce((sum, logProb) => sum + Math.exp(logProb), listed ? 0 : Math.exp(own[place]));
    const room = others * Math.exp(named.reduce((least, logProb) => Math.min(least, logProb), 0));
    return Math.log(1 - mass >= RESOLUTION ? 1 - mass : Math.min(RESOLUTION, room));
  });
}

/** The answer of some of the places, without a copy. */
export function sliceAnswer(
  { ids, logProbs, own, rest }: SparseAnswer,
  { start, size }: { start: number; size: number },
): SparseAnswer {
  const k = ids.length / own.length;
  return {
    ids: ids.subarray(start * k, (start + size) * k),
    logProbs: logProbs.subarray(start * k, (start + size) * k),
    own: own.subarray(start, start + size),
    rest: rest.subarray(start, start + size),
  };
}

/** Answers of one k behind one another. */
export function joinAnswers(answers: readonly SparseAnswer[]): SparseAnswer {
  const floats = (name: "logProbs" | "own" | "rest") =>
    Float32Array.from(answers.flatMap((answer) => [...answer[name]]));
  return {
    ids: Int32Array.from(answers.flatMap(({ ids }) => [...ids])),
    logProbs: floats("logProbs"),
    own: floats("own"),
    rest: floats("rest"),
  };
}
