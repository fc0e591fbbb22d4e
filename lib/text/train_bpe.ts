/**
 * Trains byte-pair encoding.
 *
 * @module
 */
import { checkArguments, objectWith } from "../arguments/check_arguments.ts";
import { BYTE_CHARACTERS, toByteCharacters } from "./byte_characters.ts";
import { countWords } from "./pre_tokenize.ts";
import { PairHeap } from "./pair_heap.ts";

/** Options for {@linkcode trainBpe}. */
export interface TrainBpeOptions {
  /** The number of tokens, including the 256 bytes and the end token; at least 257. */
  vocabularySize: number;
  /**
   * The end token. It gets the last id.
   *
   * @default {"<|endoftext|>"}
   */
  endToken?: string;
}

/** A byte-level vocabulary, its tokens written in GPT-2's byte characters. */
export interface BpeVocabulary {
  /** The tokens; the index is the id. The end token is last. */
  tokens: string[];
  /** The merges, the earliest (most frequent) first. */
  merges: [string, string][];
  /** The end token. */
  endToken: string;
}

/** A distinct word: its current tokens, and its count. */
interface Word {
  ids: number[];
  count: number;
}

/** Pairs as numbers, so that a Map can hold them; ids stay far below this. */
const PAIR_BASE = 2 ** 24;

/**
 * Trains a vocabulary: from single bytes, the most frequent adjacent pair within a word is repeatedly merged to a
 * token; ties go to the pair with the lower ids. Words are pre-tokenized as in GPT-2.
 *
 * Source: R. Sennrich, B. Haddow and A. Birch, "Neural machine translation of rare words with subword units", 2016.
 *
 * @param texts The training text.
 * @param options Size and end token.
 * @returns The vocabulary; the same texts give the same vocabulary, in any order.
 * @throws {RangeError} If the size is below 257, or the text has too few distinct words to fill it.
 *
 * @example The most frequent pair becomes the first token after the bytes
 * ```ts
 * import assert from "node:assert/strict";
 * import { trainBpe } from "@amid/amid/text";
 *
 * const { tokens, merges } = trainBpe(["banana", "banana"], { vocabularySize: 258 });
 * assert(merges[0].join("") === "an" && tokens[256] === "an" && tokens[257] === "<|endoftext|>");
 * ```
 */
export function trainBpe(texts: Iterable<string>, options: TrainBpeOptions): BpeVocabulary {
  checkArguments("train a vocabulary", { options: [options, objectWith("vocabularySize")] });
  const { vocabularySize, endToken = "<|endoftext|>" } = options;
  if (!Number.isInteger(vocabularySize) || vocabularySize < 257) {
    throw new RangeError(
      `Cannot train a vocabulary: its size must be a whole number of at least 257, current value is ${vocabularySize}`,
    );
  }
  const tokens = BYTE_CHARACTERS.slice();
  const merges: [string, string][] = [];
  const pairs = new Pairs(wordsOf(texts));
  while (tokens.length < vocabularySize - 1) {
    const best = pairs.mostFrequent();
    if (best === undefined) {
      throw new RangeError(
        `Cannot train a vocabulary: ${vocabularySize} tokens were requested, the text has pairs for ${
          tokens.length + 1
        }`,
      );
    }
    const [left, right] = best;
    pairs.merge(best, tokens.length);
    merges.push([tokens[left], tokens[right]]);
    tokens.push(tokens[left] + tokens[right]);
  }
  return { tokens: [...tokens, endToken], merges, endToken };
}

function wordsOf(texts: Iterable<string>): Word[] {
  const idOf = new Map(BYTE_CHARACTERS.map((character, id) => [character, id]));
  return [...countWords(texts)].map(([word, count]) => ({
    ids: Array.from(toByteCharacters(word), (character) => idOf.get(character)!),
    count,
  }));
}

/** The counts of adjacent pairs, and the words they occur in, updated with each merge. */
class Pairs {
  readonly #counts = new Map<number, number>();
  readonly #places = new Map<number, Set<Word>>();
  readonly #heap: PairHeap;

  constructor(words: Word[]) {
    for (const word of words) this.#count(word, 1);
    this.#heap = new PairHeap([...this.#counts].map(([pair, count]) => ({ pair, count })));
  }

  mostFrequent(): [number, number] | undefined {
    for (let top = this.#heap.pop(); top !== undefined; top = this.#heap.pop()) {
      // An entry written before the pair's count changed is stale; the change wrote a newer one.
      if (top.count > 0 && this.#counts.get(top.pair) === top.count) {
        return [Math.floor(top.pair / PAIR_BASE), top.pair % PAIR_BASE];
      }
    }
    return undefined;
  }

  merge([left, right]: [number, number], id: number): void {
    const changed = new Set<number>();
    for (const word of this.#places.get(left * PAIR_BASE + right) ?? []) {
      this.#count(word, -1, changed);
      const merged: number[] = [];
      for (let i = 0; i < word.ids.length; i++) {
        const here = word.ids[i] === left && word.ids[i + 1] === right;
        merged.push(here ? id : word.ids[i]);
        if (here) i += 1;
      }
      word.ids = merged;
      this.#count(word, 1, changed);
    }
    for (const pair of changed) this.#heap.push({ pair, count: this.#counts.get(pair)! });
  }

  #count(word: Word, sign: 1 | -1, changed?: Set<number>): void {
    for (let i = 0; i + 1 < word.ids.length; i++) {
      const pair = word.ids[i] * PAIR_BASE + word.ids[i + 1];
      this.#counts.set(pair, (this.#counts.get(pair) ?? 0) + sign * word.count);
      changed?.add(pair);
      if (sign > 0) {
        const places = this.#places.get(pair);
        if (places) places.add(word);
        else this.#places.set(pair, new Set([word]));
      }
    }
  }
}
