/**
 * A teacher's next-token distributions in sparse form: the k best tokens, the row's target token, and the mass of the
 * rest.
 *
 * Shapes: `c` tokens to be predicted, `k` best tokens for each.
 *
 * @module
 */

/** What stands in place of a token where an answer names fewer than k. */
export const NO_TOKEN = -1;

/** Next-token distributions, each given by its k best tokens, the row's target token and the mass of the rest. */
export interface SparseAnswer {
  /**
   * The k tokens, int32 `[c · k]`, those of one position adjacent in any order, without duplicates. −1 with a
   * log-probability of −∞ names none, where fewer than k are known.
   */
  readonly ids: Int32Array;
  /** Their natural log-probabilities, float32 `[c · k]`. */
  readonly logProbs: Float32Array;
  /** The log-probability of the target token at each position, float32 `[c]`, whether it is among the k or not. */
  readonly own: Float32Array;
  /**
   * The logarithm of the total probability of all other tokens, those that are neither among the k nor the target,
   * float32 `[c]`. −∞ if there are no others.
   */
  readonly rest: Float32Array;
  /**
   * Whether objectives leave the rest out of both distributions, which are then those given that the token is one of the
   * named. The next-token loss is not changed by it.
   *
   * @default {false}
   */
  readonly excludesRest?: boolean;
  /**
   * How many of the row's tokens the answer at each position is about, int32 `[c]`: 0 for the distribution of the next one;
   * n above 0 for the likelihood of the n tokens from there on, which is in `own`, against that of all other texts in
   * `rest`; −1 where nothing is compared, inside such a span or outside of all.
   *
   * @default {0 everywhere}
   */
  readonly spans?: Int32Array;
  /**
   * Positions of which only the sorted probabilities of the next token are compared; `spans` has −1 there.
   *
   * @default {none}
   */
  readonly sorted?: SortedProbs;
}

/** The largest probabilities at some positions, whatever tokens have them. */
export interface SortedProbs {
  /** The positions, int32 `[s]`, in their order. */
  readonly places: Int32Array;
  /** Their largest probabilities, the largest first, float32 `[s · k]`. */
  readonly probs: Float32Array;
}

/** Options for {@linkcode logRest}. */
export interface LogRestOptions {
  /** The target tokens, `[c]`. */
  labels: Int32Array;
  /** The size of the vocabulary. */
  vocabularySize: number;
}

/** Below this, a difference from 1 is rounding error of float32 log-probabilities. */
const RESOLUTION = 2 ** -20;

/**
 * Computes the mass of the rest, `log (1 − Σ p)`, for teachers that only give log-probabilities of single tokens, as
 * servers do.
 *
 * Float32 log-probabilities cannot distinguish masses below 2⁻²⁰ from 0. There the largest mass consistent with the k
 * best tokens is used, at most 2⁻²⁰: no token outside can be more probable than the least probable of them. Otherwise
 * the rest of a confident teacher would have probability 0, and the reverse KL would be infinite.
 *
 * @param answer The k best tokens and the targets.
 * @param options The target tokens, and the size of the vocabulary.
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
  { ids, logProbs, own }: Omit<SparseAnswer, "rest" | "spans">,
  { labels, vocabularySize }: LogRestOptions,
): Float32Array {
  const k = ids.length / labels.length;
  return Float32Array.from(labels, (label, place) => {
    const named = logProbs.subarray(place * k, (place + 1) * k);
    const tokens = ids.subarray(place * k, (place + 1) * k).filter((id) => id !== NO_TOKEN);
    const listed = tokens.includes(label);
    const others = vocabularySize - tokens.length - (listed ? 0 : 1);
    if (others === 0) return -Infinity;
    const mass = named.reduce((sum, logProb) => sum + Math.exp(logProb), listed ? 0 : Math.exp(own[place]));
    const least = named.reduce(
      (least, logProb, at) => ids[place * k + at] === NO_TOKEN ? least : Math.min(least, logProb),
      0,
    );
    const room = others * Math.exp(least);
    return Math.log(1 - mass >= RESOLUTION ? 1 - mass : Math.min(RESOLUTION, room));
  });
}

/** The answer for a range of positions, without a copy. */
export function sliceAnswer(
  { ids, logProbs, own, rest, spans, sorted, ...others }: SparseAnswer,
  { start, size }: { start: number; size: number },
): SparseAnswer {
  const k = ids.length / own.length;
  return {
    ...others,
    ids: ids.subarray(start * k, (start + size) * k),
    logProbs: logProbs.subarray(start * k, (start + size) * k),
    own: own.subarray(start, start + size),
    rest: rest.subarray(start, start + size),
    ...spans && { spans: spans.subarray(start, start + size) },
    ...sorted && { sorted: sliceSorted(sorted, { start, size }) },
  };
}

function sliceSorted({ places, probs }: SortedProbs, { start, size }: { start: number; size: number }): SortedProbs {
  const k = places.length === 0 ? 1 : probs.length / places.length;
  const first = places.findIndex((place) => place >= start);
  const count = places.filter((place) => place >= start && place < start + size).length;
  const from = Math.max(first, 0);
  return {
    places: places.subarray(from, from + count).map((place) => place - start),
    probs: probs.subarray(from * k, (from + count) * k),
  };
}

/** Concatenates answers of equal k from one teacher. */
export function joinAnswers(answers: readonly SparseAnswer[]): SparseAnswer {
  const joined = <List extends Int32Array | Float32Array>(
    List: new (length: number) => List,
    lists: readonly List[],
  ): List => {
    const all = new List(lists.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const list of lists) {
      all.set(list, at);
      at += list.length;
    }
    return all;
  };
  const floats = (name: "logProbs" | "own" | "rest") => joined(Float32Array, answers.map((answer) => answer[name]));
  return {
    ...answers[0],
    ids: joined(Int32Array, answers.map(({ ids }) => ids)),
    logProbs: floats("logProbs"),
    own: floats("own"),
    rest: floats("rest"),
    ...answers.some(({ spans }) => spans) && {
      spans: joined(Int32Array, answers.map(({ spans, own }) => spans ?? new Int32Array(own.length))),
    },
    ...answers.some(({ sorted }) => sorted) && { sorted: joinSorted(answers) },
  };
}

function joinSorted(answers: readonly SparseAnswer[]): SortedProbs {
  let first = 0;
  const parts = answers.map(({ sorted, own }) => {
    const start = first;
    first += own.length;
    return { places: [...sorted?.places ?? []].map((place) => start + place), probs: [...sorted?.probs ?? []] };
  });
  return {
    places: Int32Array.from(parts.flatMap(({ places }) => places)),
    probs: Float32Array.from(parts.flatMap(({ probs }) => probs)),
  };
}
