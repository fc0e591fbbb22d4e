import { readWordNet, wordNetFolder } from "../../lib/datasets/wordnet.ts";
import { type Split, splitOfWord, splitSynsets } from "../../lib/datasets/wordnet_split.ts";
import { assert, assertEquals } from "../support/mod.ts";

const dictionary = await readWordNet(wordNetFolder());
const splits = splitSynsets(dictionary);
const names = Object.keys(splits) as Split[];

/** Asserts that no text of one split is in another. */
function assertApart(textsOf: (split: Split) => Set<string>): void {
  const [a, b, c] = names.map(textsOf);
  for (const [one, other] of [[a, b], [a, c], [b, c]]) {
    const both = [...one].filter((text) => other.has(text));
    assertEquals(both, []);
  }
}

Deno.test("splitSynsets() puts no word into two splits, whatever its case, blanks and hyphens", () => {
  const plain = (word: string) => word.toLowerCase().replace(/[ -]/g, "");
  assertApart((split) => new Set(splits[split].flatMap(({ words }) => words.map(plain))));
});

Deno.test("splitSynsets() puts no definition and no example into two splits", () => {
  assertApart((split) => new Set(splits[split].map(({ definition }) => definition)));
  assertApart((split) => new Set(splits[split].flatMap(({ examples }) => examples)));
});

Deno.test("splitSynsets() leaves out a synset whose words are in several splits", () => {
  const own = new Set(names.flatMap((name) => splits[name]));
  const mixed = dictionary.synsets.filter(({ words }) => new Set(words.map(splitOfWord)).size > 1);
  assert(mixed.length > 10_000 && mixed.every((synset) => !own.has(synset)));
});

Deno.test("splitOfWord() holds out eight in a hundred words for valid and for test", () => {
  const words = [...new Set(dictionary.synsets.flatMap((synset) => synset.words))];
  for (const name of ["valid", "test"] as const) {
    const share = words.filter((word) => splitOfWord(word) === name).length / words.length;
    assert(Math.abs(share - 0.08) < 0.003, `${name}: ${share}`);
  }
});

Deno.test("splitOfWord() is the split that the built-in models were trained on", () => {
  const words = ["heron", "grey heron", "Stephen Hawking", "follow-through", "run", "quickly", "1", "naïve"];
  assertEquals(words.map(splitOfWord).join(" "), "valid train train train test train train train");
});
