/**
 * Balances answers: none is so frequent that always giving it would score well.
 *
 * @module
 */
import { type RandomStream, shuffled } from "../random/random.ts";

/** Options for {@linkcode balancedByAnswer}. */
export interface BalanceOptions<T> {
  /** The answer of an item. */
  answerOf: (item: T) => string;
  /** The largest share of one answer among the items kept, in multiples of 1 / (number of answers); at least 1. */
  factor: number;
  /** Decides which items of a too frequent answer are kept. */
  random: RandomStream;
}

/**
 * Caps the frequent answers. The cap is the largest number of items an answer may keep so that cap ≤ factor · kept /
 * answers, `kept` being what is left under that cap (and at least the rarest answer's count).
 *
 * @param items The items.
 * @param options Answer, factor and randomness.
 * @returns The kept items, shuffled.
 * @throws {RangeError} If the factor is below 1.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { balancedByAnswer } from "./balance.ts";
 * import { randomStream } from "@amid/amid/datasets";
 *
 * const kept = balancedByAnswer(["a", "a", "a", "a", "b"], { answerOf: (x) => x, factor: 1, random: randomStream(0) });
 * assert(kept.toSorted().join() === "a,b");
 * ```
 */
export function balancedByAnswer<T>(items: readonly T[], options: BalanceOptions<T>): T[] {
  const { answerOf, factor, random } = options;
  if (!(factor >= 1)) {
    throw new RangeError(`Cannot balance answers: factor must be at least 1, current value is ${factor}`);
  }
  const counts = new Map<string, number>();
  for (const item of items) counts.set(answerOf(item), (counts.get(answerOf(item)) ?? 0) + 1);
  const cap = largestCap([...counts.values()], factor);
  const seen = new Map<string, number>();
  const kept = shuffled(items, random).filter((item) => {
    const before = seen.get(answerOf(item)) ?? 0;
    seen.set(answerOf(item), before + 1);
    return before < cap;
  });
  // Frequent answers reach their cap early: without a second shuffle the first items would not be balanced.
  return shuffled(kept, random);
}

/**
 * Once the condition fails, it fails for all larger caps: `kept / cap` falls as the cap grows. So bisection finds the
 * last cap.
 */
function largestCap(counts: number[], factor: number): number {
  const holds = (cap: number): boolean =>
    cap * counts.length <= factor * counts.reduce((sum, count) => sum + Math.min(count, cap), 0);
  let [low, high] = [Math.min(...counts), Math.max(...counts)];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (holds(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}
