import fc from "fast-check";
import { balancedByAnswer } from "../../lib/datasets/balance.ts";
import { randomStream } from "../../lib/random/random.ts";
import { assert, assertEquals, assertThrows } from "../support/mod.ts";

const letters = fc.array(fc.constantFrom("a", "a", "a", "a", "b", "b", "c"), { minLength: 1, maxLength: 60 });

const counted = (items: string[]) => Map.groupBy(items, (item) => item);

Deno.test("balancedByAnswer() keeps every answer, none above its share, and only what is above goes", () => {
  fc.assert(fc.property(letters, fc.double({ min: 1, max: 4, noNaN: true }), fc.integer(), (items, factor, seed) => {
    const kept = balancedByAnswer(items, { answerOf: (item) => item, factor, random: randomStream(seed) });
    const [before, after] = [counted(items), counted(kept)];
    assertEquals([...after.keys()].sort(), [...before.keys()].sort());
    const most = Math.max(...[...after.values()].map((group) => group.length));
    const rarest = Math.min(...[...before.values()].map((group) => group.length));
    assert(most <= rarest || most * after.size <= factor * kept.length);
    for (const [answer, group] of after) assert(group.length === Math.min(before.get(answer)!.length, most));
  }));
});

Deno.test("balancedByAnswer() keeps as many as the factor lets it", () => {
  const items = [..."aaaaaaaaaa", ..."bbbb", ..."cc"];
  const sizes = (factor: number) =>
    balancedByAnswer(items, { answerOf: (item) => item, factor, random: randomStream(0) }).length;
  // Caps by hand: 2 (2·3 ≤ 6), 4 (4·3 ≤ 1.2·10), 10 (10·3 ≤ 2·16).
  assertEquals([1, 1.2, 2].map(sizes), [6, 10, 16]);
});

Deno.test("balancedByAnswer() is balanced in its first items too", () => {
  const items = [...Array<string>(9000).fill("a"), ...Array<string>(1000).fill("b")];
  const kept = balancedByAnswer(items, { answerOf: (item) => item, factor: 1, random: randomStream(0) });
  const first = kept.slice(0, 400).filter((item) => item === "a").length;
  // Half of 400 within five standard deviations: 5·sqrt(400)/2 = 50.
  assert(kept.length === 2000 && Math.abs(first - 200) < 50, `${first}`);
});

Deno.test("balancedByAnswer() refuses a factor below 1", () => {
  const options = { answerOf: (item: string) => item, random: randomStream(0) };
  assertThrows(() => balancedByAnswer(["a"], { ...options, factor: 0.9 }), RangeError, "current value is 0.9");
  assertThrows(() => balancedByAnswer(["a"], { ...options, factor: NaN }), RangeError, "current value is NaN");
});
