import fc from "fast-check";
import { tokenizerOf } from "../../lib/text/tokenizer.ts";
import { tokenizerTexts } from "../../lib/text/tokenizer_json.ts";
import { trainBpe } from "../../lib/text/train_bpe.ts";
import { assertEquals, assertThrows } from "../support/mod.ts";

/** The definition, counting all pairs of all words again at every step. */
function slowMerges(words: string[], steps: number): string[] {
  // ASCII letters come in the order of their ids, so that ids need no table: new tokens get the next numbers.
  const ids = new Map<string, number>();
  const idOf = (token: string) => ids.get(token) ?? token.charCodeAt(0) - 1000;
  const split = words.map((word) => [...word]);
  return Array.from({ length: steps }, (_, step) => {
    const counts = new Map<string, number>();
    for (const word of split) {
      word.slice(1).forEach((right, i) =>
        counts.set(`${word[i]} ${right}`, (counts.get(`${word[i]} ${right}`) ?? 0) + 1)
      );
    }
    const [best] = [...counts].sort(([a, m], [b, n]) => {
      const [[a1, a2], [b1, b2]] = [a, b].map((pair) => pair.split(" ").map(idOf));
      return n - m || a1 - b1 || a2 - b2;
    });
    const [left, right] = best[0].split(" ");
    ids.set(left + right, step);
    for (const word of split) {
      for (let i = 0; i + 1 < word.length; i++) {
        if (word[i] === left && word[i + 1] === right) word.splice(i, 2, left + right);
      }
    }
    return best[0];
  });
}

Deno.test("trainBpe() joins as the definition does, counting all pairs again at each step", () => {
  const word = fc.string({ unit: fc.constantFrom("a", "b", "c"), minLength: 2, maxLength: 12 });
  fc.assert(fc.property(fc.array(word, { minLength: 3, maxLength: 20 }), (words) => {
    // Each word must leave a pair for each of the three steps: five letters more do.
    const texts = words.map((word) => word + "abcab");
    const { merges } = trainBpe(texts, { vocabularySize: 260 });
    assertEquals(merges.map((pair) => pair.join(" ")), slowMerges(texts, 3));
  }));
});

Deno.test("trainBpe() returns the same vocabulary whatever the order of the texts", () => {
  const texts = ["the heron stands", "the stork stands there", "the other bird"];
  assertEquals(trainBpe(texts, { vocabularySize: 270 }), trainBpe(texts.toReversed(), { vocabularySize: 270 }));
});

Deno.test("trainBpe() joins nothing across words, and puts the bytes first and the end token last", () => {
  const { tokens, merges } = trainBpe(["ab ab ab", "b c"], { vocabularySize: 259, endToken: "<end>" });
  assertEquals(merges, [["a", "b"], ["Ġ", "ab"]]);
  assertEquals([tokens.length, tokens[256], tokens[258]], [259, "ab", "<end>"]);
});

Deno.test("trainBpe() returns a tokenizer that keeps text, bytes never seen in training included", () => {
  const tokenizer = tokenizerOf(tokenizerTexts(trainBpe(["banana bandana"], { vocabularySize: 260 })));
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => tokenizer.decode(tokenizer.encode(text)) === text));
});

Deno.test("trainBpe() refuses a size that it cannot fill, naming it", () => {
  assertThrows(() => trainBpe(["ab"], { vocabularySize: 256 }), RangeError, "current value is 256");
  assertThrows(() => trainBpe(["ab"], { vocabularySize: 259 }), RangeError, "259 tokens were requested");
});
