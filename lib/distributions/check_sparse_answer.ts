/**
 * Validates a sparse answer: nothing from a teacher is trusted unchecked.
 *
 * @module
 */
import { NO_TOKEN, type SparseAnswer } from "./sparse_answer.ts";

/**
 * By how much the probabilities of an answer may differ from 1 in sum: the error of rounding to eight significant bits.
 */
const TOLERANCE = 1e-2;

/** Options for {@linkcode checkSparseAnswer}. */
export interface CheckSparseAnswerOptions {
  /** The rows' target tokens that the answer is for, `[c]`. */
  labels: Int32Array;
  /** The size of the vocabulary. */
  vocabularySize: number;
  /**
   * How many tokens it must name at each position.
   *
   * @default {as many as it has}
   */
  topK?: number;
  /** Where it comes from, for messages, as in `the teacher "average"`. */
  source: string;
  /** The position for messages, as in "row 2, response token 0". */
  placeOf: (place: number) => string;
}

/**
 * Checks an answer.
 *
 * @throws {TypeError} If one of its lists is absent or of another type.
 * @throws {RangeError} If the number of tokens does not match the positions, a token is outside the vocabulary or named
 * twice, a log-probability is NaN or above 0, the target token has two log-probabilities, or the probabilities do not
 * sum to 1. The message names the source and the position.
 */
export function checkSparseAnswer(answer: SparseAnswer, options: CheckSparseAnswerOptions): void {
  const { labels, source, vocabularySize, placeOf } = options;
  const refuse = (place: number, reason: string) =>
    new RangeError(`Cannot learn from ${source}: in ${placeOf(place)}, ${reason}`);
  const k = checkCounts(answer, options);
  const { ids, logProbs, own, rest } = answer;
  checkSpans(answer, options);
  const seen = new Int32Array(vocabularySize);
  labels.forEach((label, place) => {
    let mass = 0, listed: number | undefined;
    for (let at = place * k; at < (place + 1) * k; at++) {
      const id = ids[at], logProb = logProbs[at];
      if (id === NO_TOKEN && logProb === -Infinity) continue;
      if (!(id >= 0 && id < vocabularySize)) {
        throw refuse(place, `token ids must be from 0 to ${vocabularySize - 1}, current value is ${id}`);
      }
      if (seen[id] === place + 1) throw refuse(place, `the ${k} tokens must be distinct, ${id} is named twice`);
      seen[id] = place + 1;
      if (!isLogProb(logProb)) {
        throw refuse(place, `the log-probability of token ${id} must be at most 0, current value is ${logProb}`);
      }
      if (id === label) listed = logProb;
      mass += Math.exp(logProb);
    }
    for (const [name, logProb] of [["the row's target token", own[place]], ["the rest", rest[place]]] as const) {
      if (isLogProb(logProb)) continue;
      throw refuse(place, `the log-probability of ${name} must be at most 0, current value is ${logProb}`);
    }
    if (listed !== undefined && Math.abs(Math.exp(listed) - Math.exp(own[place])) > TOLERANCE) {
      throw refuse(
        place,
        `the row's target token ${label} must have one log-probability, current values are ${listed} among the ${k} and ` +
          `${own[place]} on its own`,
      );
    }
    mass += Math.exp(rest[place]) + (listed === undefined ? Math.exp(own[place]) : 0);
    if (Math.abs(mass - 1) <= TOLERANCE) return;
    throw refuse(
      place,
      `the probabilities of the ${k} tokens, the target and the rest must sum to 1, current sum is ` +
        mass.toPrecision(4),
    );
  });
}

/** Spans must have their tokens in the answer, and nothing may be compared inside of one. */
function checkSpans({ spans, own, excludesRest }: SparseAnswer, { source, placeOf }: CheckSparseAnswerOptions): void {
  if (spans === undefined) return;
  if (excludesRest) {
    throw new TypeError(
      `Cannot learn from ${source}: answers of spans must not exclude the rest, which is all other texts`,
    );
  }
  if (!(spans instanceof Int32Array) || spans.length !== own.length) {
    throw new TypeError(
      `Cannot learn from ${source}: spans of an answer must be of type Int32Array, a number a position`,
    );
  }
  spans.forEach((size, place) => {
    const inside = spans.subarray(place + 1, place + Math.max(size, 1));
    if (size >= -1 && place + size <= own.length && inside.every((other) => other === -1)) return;
    throw new RangeError(
      `Cannot learn from ${source}: in ${
        placeOf(place)
      }, the answer must hold all tokens of a span, its size is ${size} ` +
        `with ${own.length - place} positions left`,
    );
  });
}

/** NaN and values above 0 by more than rounding are not log-probabilities; −∞ is one. */
const isLogProb = (value: number): boolean => value <= TOLERANCE;

type ListName = Exclude<keyof SparseAnswer, "excludesRest" | "spans" | "sorted">;

/** Checks the lists' lengths; returns k. */
function checkCounts(
  answer: SparseAnswer,
  { labels, source, topK, vocabularySize, placeOf }: CheckSparseAnswerOptions,
): number {
  const types = { ids: Int32Array, logProbs: Float32Array, own: Float32Array, rest: Float32Array };
  for (const [name, List] of Object.entries(types) as [ListName, typeof Int32Array][]) {
    if (answer?.[name] instanceof List) continue;
    throw new TypeError(
      `Cannot learn from ${source}: ${name} of an answer must be of type ${List.name}`,
    );
  }
  const places = labels.length;
  const { ids, own } = answer;
  const k = topK ?? Math.floor(ids.length / Math.max(own.length, 1));
  const counts = { ids: places * k, logProbs: places * k, own: places, rest: places };
  for (const [name, count] of Object.entries(counts) as [ListName, number][]) {
    if (answer[name].length === count) continue;
    throw new RangeError(
      `Cannot learn from ${source}: from ${placeOf(0)} on, ${name} must have ${count} values, for ` +
        `${places} positions with ${k} best tokens each, current count is ${answer[name].length}`,
    );
  }
  if (k >= 1 && k <= vocabularySize) return k;
  throw new RangeError(
    `Cannot learn from ${source}: it must name from 1 to ${vocabularySize} tokens, current count is ${k}`,
  );
}
