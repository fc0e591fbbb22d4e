/**
 * The fixed division of WordNet into train, valid and test, by word.
 *
 * @module
 */
import { hashText } from "../random/random.ts";
import { onceEach } from "./once_each.ts";
import type { Synset, WordNet } from "./wordnet.ts";

/** The name of a part of the corpus. */
export type Split = "train" | "valid" | "test";

/** The number of words in 100 held out for `valid`, and the same number for `test`. */
const HELD_OUT_PERCENT = 8;

/**
 * Finds the split of a word: by a hash of its letters and digits only, so that "Follow-Through" and "follow through" go
 * together. There is no seed: the built-in models were trained on this very train split.
 *
 * @param word A word of WordNet.
 * @returns Its split.
 *
 * @example Spelling variants stay together
 * ```ts
 * import assert from "node:assert/strict";
 * import { splitOfWord } from "./wordnet_split.ts";
 *
 * assert(splitOfWord("Follow-Through") === splitOfWord("follow through"));
 * ```
 */
export function splitOfWord(word: string): Split {
  const letters = word.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
  const percent = hashText(letters) % 100;
  return percent < HELD_OUT_PERCENT ? "test" : percent < 2 * HELD_OUT_PERCENT ? "valid" : "train";
}

/**
 * Divides the synsets. A synset is in a split if all its words are, and if no synset with the same definition or a
 * shared example is in another; every other synset is in no split.
 *
 * @param dictionary WordNet.
 * @returns The synsets of each split, in the dictionary's order.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { readWordNet, wordNetFolder } from "@amid/amid/datasets";
 * import { splitOfWord, splitSynsets } from "./wordnet_split.ts";
 *
 * const { test } = splitSynsets(await readWordNet(wordNetFolder()));
 * assert(test.every(({ words }) => words.every((word) => splitOfWord(word) === "test")));
 * ```
 */
export const splitSynsets: (dictionary: WordNet) => Record<Split, readonly Synset[]> = onceEach(({ synsets }) => {
  const own = synsets.map(({ words }) => agreed(words.map(splitOfWord)));
  const texts = new Map<string, Split | undefined>();
  synsets.forEach((synset, i) => {
    for (const text of textsOf(synset)) {
      const split = !texts.has(text) || texts.get(text) === own[i] ? own[i] : undefined;
      texts.set(text, split);
    }
  });
  const splits: Record<Split, Synset[]> = { train: [], valid: [], test: [] };
  synsets.forEach((synset, i) => {
    const split = own[i];
    if (split !== undefined && textsOf(synset).every((text) => texts.get(text) === split)) splits[split].push(synset);
  });
  return splits;
});

function agreed(splits: Split[]): Split | undefined {
  return splits.every((split) => split === splits[0]) ? splits[0] : undefined;
}

function textsOf({ definition, examples }: Synset): string[] {
  return [definition, ...examples];
}
