/**
 * ROUGE-L, equal to Python's rouge-score with its stemmer.
 *
 * @module
 */
import { aText, checkArguments, checkList } from "../arguments/check_arguments.ts";
import { porterStem } from "./porter_stemmer.ts";

/** Lower-cased runs of ASCII letters and digits; those longer than three characters are stemmed. */
function tokens(text: string): string[] {
  const words = text.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  return words.map((word) => word.length > 3 ? porterStem(word) : word);
}

/** For each token of a text, a bit vector of the places where it stands, 32 places a word. */
function placesOf(text: readonly string[]): Map<string, Uint32Array> {
  const places = new Map<string, Uint32Array>();
  const words = Math.ceil(text.length / 32);
  text.forEach((token, i) => {
    let bits = places.get(token);
    if (!bits) places.set(token, bits = new Uint32Array(words));
    bits[i >>> 5] |= 1 << (i & 31);
  });
  return places;
}

/**
 * Length of the longest common subsequence, one row of the table at a time, 32 of its cells in one word: a zero bit of
 * `row` marks a place where the length grows by one.
 *
 * Source: M. Crochemore et al., "A fast and practical bit-vector algorithm for the longest common subsequence
 * problem", 2001; the addition runs from word to word with a carry.
 */
function commonLength(a: readonly string[], b: readonly string[]): number {
  const places = placesOf(a);
  const row = new Uint32Array(Math.ceil(a.length / 32)).fill(0xffffffff);
  for (const token of b) {
    const matches = places.get(token);
    if (!matches) continue;
    let carry = 0;
    for (let k = 0; k < row.length; k++) {
      const sum = row[k] + ((row[k] & matches[k]) >>> 0) + carry;
      carry = sum > 0xffffffff ? 1 : 0;
      row[k] = sum | (row[k] & ~matches[k]);
    }
  }
  let length = 0;
  for (let i = 0; i < a.length; i++) if ((row[i >>> 5] >>> (i & 31) & 1) === 0) length++;
  return length;
}

/** `2PR / (P + R)` with P = LCS / |prediction|, R = LCS / |reference|; 0 where either has no token. */
function fMeasure(prediction: readonly string[], reference: readonly string[]): number {
  const common = commonLength(reference, prediction);
  if (common === 0) return 0;
  const [precision, recall] = [common / prediction.length, common / reference.length];
  return 2 * precision * recall / (precision + recall);
}

/**
 * Scores a text by its longest common subsequence of stemmed words with a reference, the best over the references.
 *
 * Equal to `RougeScorer(["rougeL"], use_stemmer=True)` of Python's rouge-score: the F measure of LCS / |prediction| and
 * LCS / |reference|, on lower-cased runs of ASCII letters and digits, stemmed where longer than three characters.
 *
 * @param prediction The text to score; one without any word scores 0.
 * @param references The texts it may agree with, at least one.
 * @returns The score, in 0..1.
 * @throws {RangeError} If there is no reference.
 *
 * Source: C.-Y. Lin, "ROUGE: A package for automatic evaluation of summaries", 2004.
 *
 * @example Three of three words found in a reference of four
 * ```ts
 * import assert from "node:assert/strict";
 * import { rougeL } from "@amid/amid";
 *
 * assert.equal(rougeL("a running dog", ["A dog.", "a dog runs, running"]).toFixed(4), "0.8000");
 * ```
 */
export function rougeL(prediction: string, references: string[]): number {
  checkArguments("score by ROUGE-L", { prediction: [prediction, aText] });
  checkList("score by ROUGE-L", { references }, aText);
  if (references.length === 0) {
    throw new RangeError("Cannot score by ROUGE-L: at least one reference is needed, current count is 0");
  }
  const predicted = tokens(prediction);
  return references.reduce((best, reference) => Math.max(best, fMeasure(predicted, tokens(reference))), 0);
}
