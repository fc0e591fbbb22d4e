import fc from "fast-check";
import { BYTE_CHARACTERS, toByteCharacters } from "../../lib/text/byte_characters.ts";
import { countWords, splitWords } from "../../lib/text/pre_tokenize.ts";
import { assertEquals } from "../support/mod.ts";

Deno.test("splitWords() loses nothing", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => splitWords(text).join("") === text));
});

Deno.test("splitWords() cuts a word that it gave no further", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
    for (const word of splitWords(text)) assertEquals(splitWords(word), [word]);
  }));
});

Deno.test("splitWords() leaves the last of several blanks to the next word", () => {
  assertEquals(splitWords("it's  a2 \n\n### x\n"), ["it", "'s", " ", " a", "2", " \n", "\n", "###", " x", "\n"]);
});

Deno.test("countWords() counts over all texts, in one order", () => {
  assertEquals([...countWords(["b a", "b"])], [[" a", 1], ["b", 2]]);
});

Deno.test("toByteCharacters() has a character of its own for each byte, none a blank or a control", () => {
  assertEquals(new Set(BYTE_CHARACTERS).size, 256);
  assertEquals(BYTE_CHARACTERS.filter((character) => /[\s\p{C}]/u.test(character)), []);
  assertEquals(toByteCharacters("A\u0000 \u00ad"), "AĀĠÂŃ");
});
