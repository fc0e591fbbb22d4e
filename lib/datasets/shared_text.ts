/**
 * Training rows whose text also stands in held-out rows.
 *
 * @module
 */
import { aList, checkArguments, objectWith } from "../arguments/check_arguments.ts";

/** A row's text: what is asked, and the first answer. */
export interface RowText {
  /** The instruction, its input included. */
  question: string;
  /** The answer. */
  answer: string;
}

/** Options for {@linkcode sharedText}. */
export interface SharedTextOptions {
  /** The rows that nobody may have been trained on. */
  heldOut: readonly RowText[];
  /**
   * Words in a row that two texts must share. Texts of fewer words are shared where they are the same.
   *
   * @default {13}
   */
  words?: number;
}

/** What {@linkcode sharedText} finds. */
export interface SharedText {
  /** The row that is trained on, by its index. */
  row: number;
  /** A held-out row that shares text with it, by its index. */
  heldOut: number;
  /** The words that both have, in lower case. */
  text: string;
}

/**
 * Finds the rows that share a run of words with a held-out row, whatever their case and punctuation. Thirteen words are
 * the usual measure of contamination.
 *
 * Source: T. Brown et al., "Language models are few-shot learners", 2020, appendix C.
 *
 * @param rows The rows that are to be trained on.
 * @param options The held-out rows.
 * @returns Each row that shares text, once, with the first text that is shared.
 * @throws {RangeError} If `words` is no positive whole number.
 *
 * @example A question that is asked again
 * ```ts
 * import assert from "node:assert/strict";
 * import { sharedText } from "@amid/amid/datasets";
 *
 * const rows = [{ question: "Name a wader.", answer: "heron" }, { question: "Name a tree.", answer: "oak" }];
 * const [found] = sharedText(rows, { heldOut: [{ question: "name a wader", answer: "stork" }] });
 * assert.deepEqual(found, { row: 0, heldOut: 0, text: "name a wader" });
 * ```
 */
export function sharedText(rows: readonly RowText[], options: SharedTextOptions): SharedText[] {
  checkArguments("compare texts", { rows: [rows, aList], options: [options, objectWith("heldOut")] });
  const { heldOut, words = 13 } = options;
  if (!(Number.isSafeInteger(words) && words >= 1)) {
    throw new RangeError(`Cannot compare texts: words must be a positive whole number, current value is ${words}`);
  }
  const known = new Map<string, number>();
  heldOut.forEach((row, index) => {
    for (const run of runsOf(row, words)) if (!known.has(run)) known.set(run, index);
  });
  return rows.flatMap((row, index) => {
    for (const text of runsOf(row, words)) {
      const other = known.get(text);
      if (other !== undefined) return [{ row: index, heldOut: other, text }];
    }
    return [];
  });
}

/** Runs of words of the question, and of the answer; short answers, such as yes or no, say nothing. */
function* runsOf({ question, answer }: RowText, words: number): Generator<string> {
  const asked = wordsOf(question);
  if (asked.length > 0 && asked.length < words) yield asked.join(" ");
  yield* windows(asked, words);
  yield* windows(wordsOf(answer), words);
}

function* windows(list: readonly string[], size: number): Generator<string> {
  for (let start = 0; start + size <= list.length; start++) yield list.slice(start, start + size).join(" ");
}

const wordsOf = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
