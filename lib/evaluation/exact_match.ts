/**
 * Exact match, as SQuAD-style evaluation counts it, articles kept.
 *
 * @module
 */
import { aText, checkArguments, checkList } from "../arguments/check_arguments.ts";

const punctuation = /[!-/:-@[-`{-~]/g;

/** What Python's `str.split()` takes for white space; JavaScript's `\s` differs in seven characters. */
// deno-lint-ignore no-control-regex
const whiteSpace = /[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/g;

const normalized = (text: string): string =>
  text.toLowerCase().replace(punctuation, "").replace(whiteSpace, " ").replace(/^ | $/g, "");

/**
 * Tells whether a text equals one of its references once both are lower-cased, ASCII punctuation is dropped and runs of
 * white space are a single space, none at either end.
 *
 * @param prediction The text to judge.
 * @param references The texts it may equal, at least one.
 * @returns Whether it equals any.
 * @throws {RangeError} If there is no reference.
 *
 * Source: P. Rajpurkar et al., "SQuAD: 100,000+ questions for machine comprehension of text", 2016, but articles count.
 *
 * @example Case and punctuation do not matter, articles do
 * ```ts
 * import assert from "node:assert/strict";
 * import { exactMatch } from "@amid/amid";
 *
 * assert(exactMatch("Noun.", ["verb", "noun"]));
 * assert(!exactMatch("a noun", ["noun"]));
 * ```
 */
export function exactMatch(prediction: string, references: string[]): boolean {
  checkArguments("judge an exact match", { prediction: [prediction, aText] });
  checkList("judge an exact match", { references }, aText);
  if (references.length === 0) {
    throw new RangeError("Cannot judge an exact match: at least one reference is needed, current count is 0");
  }
  const predicted = normalized(prediction);
  return references.some((reference) => normalized(reference) === predicted);
}
