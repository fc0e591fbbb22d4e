import { repetition } from "../../lib/evaluation/repetition.ts";
import { assertAllClose, assertEquals, assertThrows } from "../support/mod.ts";

Deno.test("repetition() is the share of runs of words that occurred before", () => {
  assertEquals(repetition("one two three four five"), 0);
  // Seven runs of four words, three of them distinct.
  assertAllClose([repetition("a b c a b c a b c a")], [4 / 7]);
  assertAllClose([repetition("x x  x\nx x x")], [2 / 3]);
});

Deno.test("repetition() of a text shorter than a run is 0", () => {
  assertEquals([repetition(""), repetition("a a a"), repetition("a", { words: 1 })], [0, 0, 0]);
  assertEquals(repetition("a a", { words: 1 }), 0.5);
});

Deno.test("repetition() refuses a length that is no positive whole number", () => {
  assertThrows(() => repetition("a", { words: 1.5 }), RangeError, "current value is 1.5");
});
