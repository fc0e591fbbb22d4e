/**
 * Chains of broad classes above a noun, such as "animal, vertebrate, bird".
 *
 * @module
 */
import type { Synset, WordNet } from "./wordnet.ts";

/** A class with fewer nouns below it than this is too narrow for a chain. */
const FEWEST_MEMBERS = 120;

/** The maximum number of classes in a chain; the broadest ones are used. */
const LONGEST_CHAIN = 3;

/** The top classes of WordNet, which nearly every noun shares or which are not everyday words. */
const TOO_ABSTRACT = new Set([
  ..."entity,physical entity,abstraction,object,whole,thing,matter,causal agent,living thing,organism".split(","),
  ..."psychological feature,psychological state,natural object,agent,part,content,instrumentality".split(","),
  ..."chordate,vascular plant,spermatophyte,biological group,taxonomic group".split(","),
]);

/**
 * Prepares the chains of a dictionary. The classes are the noun synsets that have at least 120 nouns below them (first
 * hypernyms only, so that each noun has one place) and are not too abstract.
 *
 * @param dictionary WordNet; all of it, held-out words included, decides which classes are broad.
 * @returns A function from a noun synset to its chain, broadest class first, joined by commas; undefined if it has none
 * or is itself such a class.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { readWordNet, wordNetFolder } from "@amid/amid/datasets";
 * import { chainFinder } from "./wordnet_chain.ts";
 *
 * const dictionary = await readWordNet(wordNetFolder());
 * const heron = dictionary.synsets.find(({ words }) => words[0] === "heron")!;
 * assert(chainFinder(dictionary)(heron) === "animal, vertebrate, bird");
 * ```
 */
export function chainFinder({ synsets, nounIndex }: WordNet): (noun: Synset) => string | undefined {
  const parents = synsets.map(({ hypernyms, partOfSpeech }) =>
    partOfSpeech === "noun" ? nounIndex.get(hypernyms[0]) ?? -1 : -1
  );
  const members = new Uint32Array(synsets.length);
  for (const parent of parents) for (let above = parent; above >= 0; above = parents[above]) members[above] += 1;
  const isClass = (i: number): boolean => members[i] >= FEWEST_MEMBERS && !TOO_ABSTRACT.has(synsets[i].words[0]);
  return (noun) => {
    const place = noun.partOfSpeech === "noun" ? nounIndex.get(noun.offset) : undefined;
    if (place === undefined || isClass(place)) return undefined;
    const chain: string[] = [];
    for (let above = parents[place]; above >= 0; above = parents[above]) {
      if (isClass(above)) chain.unshift(synsets[above].words[0]);
    }
    return chain.length === 0 ? undefined : chain.slice(0, LONGEST_CHAIN).join(", ");
  };
}
