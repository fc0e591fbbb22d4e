import fc from "fast-check";
import { assertEquals } from "../support/mod.ts";
import { porterStem } from "../../lib/evaluation/porter_stemmer.ts";

// nltk 3.10.4, PorterStemmer().stem(word)
const golden: Record<string, string> = JSON.parse(
  await Deno.readTextFile(new URL("../golden/porter_stems.json", import.meta.url)),
).stems;

Deno.test("porterStem() equals nltk on words for every rule", () => {
  for (const [word, stem] of Object.entries(golden)) assertEquals(porterStem(word), stem, word);
});

Deno.test("porterStem() lower-cases, and keeps words of one or two letters", () => {
  assertEquals(["CONNECTED", "As", "ED"].map(porterStem), ["connect", "as", "ed"]);
});

Deno.test("porterStem() never lengthens a word and is quick on runs of one letter", () => {
  fc.assert(fc.property(fc.stringMatching(/^[a-z0-9]{1,12}$/), (word) => porterStem(word).length <= word.length));
  assertEquals(porterStem("y".repeat(100_000)).length, 100_000);
});
