import fc from "fast-check";
import { hashText, randomStream, shuffled } from "../../lib/random/random.ts";
import { assert, assertEquals, assertThrows } from "../support/mod.ts";

/** xoshiro128** as its paper defines it, in whole numbers without a size (BigInt), from a given state. */
function reference(state: bigint[], steps: number): number[] {
  const mask = 0xffffffffn;
  const rotate = (x: bigint, by: bigint) => ((x << by) | (x >> (32n - by))) & mask;
  const s = state.slice();
  return Array.from({ length: steps }, () => {
    const result = (rotate((s[1] * 5n) & mask, 7n) * 9n) & mask;
    const t = (s[1] << 9n) & mask;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate(s[3], 11n);
    return Number(result);
  });
}

/** The state with which a stream of that seed begins, as documented: MurmurHash3's finaliser over four steps. */
function firstState(seed: number): bigint[] {
  const mask = 0xffffffffn;
  const mix = (x: bigint) => {
    x = ((x ^ (x >> 16n)) * 0x85ebca6bn) & mask;
    x = ((x ^ (x >> 13n)) * 0xc2b2ae35n) & mask;
    return x ^ (x >> 16n);
  };
  const [low, high] = [BigInt(seed) & mask, (BigInt(seed) >> 32n) & mask];
  return [0n, 1n, 2n, 3n].map((i) => mix((low + (i + 1n) * 0x9e3779b9n) & mask) ^ mix((high + i) & mask));
}

Deno.test("randomStream() is xoshiro128** for every safe seed", () => {
  fc.assert(fc.property(fc.maxSafeInteger(), (seed) => {
    const random = randomStream(seed);
    assertEquals(Array.from({ length: 20 }, () => random.bits()), reference(firstState(seed), 20));
  }));
});

Deno.test("below() stays below its limit and reaches every value about equally often", () => {
  const random = randomStream(3);
  const counts = new Array(6).fill(0);
  for (let i = 0; i < 60_000; i++) counts[random.below(6)] += 1;
  // Five standard deviations of a binomial count: 5·sqrt(60000·1/6·5/6) = 456.
  for (const count of counts) assert(Math.abs(count - 10_000) < 456, `${counts}`);
});

Deno.test("below() refuses a limit that is not a whole positive number", () => {
  for (const limit of [0, -1, 1.5, NaN, 2 ** 32 + 1]) {
    assertThrows(() => randomStream(0).below(limit), RangeError, `current value is ${limit}`);
  }
});

Deno.test("uniform() stays within 0 and 1, with the mean of a half", () => {
  const random = randomStream(-5);
  const values = Array.from({ length: 20_000 }, () => random.uniform());
  assert(values.every((value) => value >= 0 && value < 1));
  assert(Math.abs(values.reduce((sum, value) => sum + value) / values.length - 0.5) < 0.011);
});

Deno.test("randomStream() refuses a seed that is not a safe integer", () => {
  for (const seed of [0.5, NaN, Infinity, 2 ** 53]) {
    assertThrows(() => randomStream(seed), RangeError, `current value is ${seed}`);
  }
});

Deno.test("shuffled() keeps the items and reaches every order of three", () => {
  fc.assert(fc.property(fc.array(fc.integer()), fc.integer(), (items, seed) => {
    assertEquals(shuffled(items, randomStream(seed)).sort(), items.toSorted());
  }));
  const orders = Array.from({ length: 200 }, (_, seed) => shuffled([1, 2, 3], randomStream(seed)).join());
  assertEquals(new Set(orders).size, 6);
});

Deno.test("hashText() spreads near words, and other seeds give other hashes", () => {
  const words = Array.from({ length: 20_000 }, (_, i) => `word${i}`);
  const held = words.filter((word) => hashText(word) % 100 < 8).length;
  // 8 % within five standard deviations of a binomial count: 5·sqrt(20000·0.08·0.92) = 192.
  assert(Math.abs(held - 1600) < 192, `${held}`);
  assertEquals(new Set(words.map((word) => hashText(word))).size, words.length);
  assert(words.every((word) => hashText(word, 1) !== hashText(word, 2)));
});
