/**
 * How much a text repeats itself.
 *
 * @module
 */
import { aText, checkArguments } from "../arguments/check_arguments.ts";

/** Options for {@linkcode repetition}. */
export interface RepetitionOptions {
  /**
   * Words of the runs that are compared.
   *
   * @default {4}
   */
  words?: number;
}

/**
 * Computes the share of runs of words that have occurred before in the text: `1 − distinct / all`, known as rep-n.
 *
 * Source: S. Welleck et al., "Neural text generation with unlikelihood training", 2020.
 *
 * @param text The text; words are what white space separates.
 * @param options The length of runs.
 * @returns A number from 0 to 1; 0 for a text with fewer words than a run has.
 * @throws {RangeError} If the length is no positive whole number.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { repetition } from "@amid/amid/evaluation";
 *
 * assert.equal(repetition("a b a b a", { words: 2 }), 0.5);
 * ```
 */
export function repetition(text: string, options: RepetitionOptions = {}): number {
  checkArguments("measure repetition", { text: [text, aText] });
  const { words = 4 } = options;
  if (!(Number.isSafeInteger(words) && words >= 1)) {
    throw new RangeError(`Cannot measure repetition: words must be a positive whole number, current value is ${words}`);
  }
  const list = text.split(/\s+/).filter((word) => word !== "");
  const all = list.length - words + 1;
  if (all < 1) return 0;
  const distinct = new Set(Array.from({ length: all }, (_, start) => list.slice(start, start + words).join(" ")));
  return 1 - distinct.size / all;
}
