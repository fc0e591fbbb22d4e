import fc from "fast-check";
import { type FourWords, philox, uniformAt } from "../../lib/random/philox.ts";
import { assert, assertEquals, assertThrows } from "../support/mod.ts";

const word = fc.integer({ min: 0, max: 0xffffffff });
const words = (text: string) => text.split(" ").map((part) => parseInt(part, 16));

// tests/kat_vectors of Random123 1.14.0 (D. E. Shaw Research), the three of "philox4x32 10": counter, key, result.
const known = [
  ["00000000 00000000 00000000 00000000", "00000000 00000000", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"],
  ["ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd"],
  ["243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1"],
];

Deno.test("philox() gives Random123's known answers", () => {
  for (const [counter, key, result] of known) {
    const [first, second] = words(key);
    assertEquals([...philox(words(counter) as unknown as FourWords, [first, second])], words(result));
  }
});

Deno.test("philox() equals the same rounds with whole numbers of any size", () => {
  fc.assert(fc.property(fc.tuple(word, word, word, word), fc.tuple(word, word), (counter, key) => {
    let [a, b, c, d] = counter.map(BigInt);
    let [k, l] = key.map(BigInt);
    const low = (x: bigint) => x & 0xffffffffn;
    for (let round = 0; round < 10; round++) {
      const [p, q] = [a * 0xd2511f53n, c * 0xcd9e8d57n];
      [a, b, c, d] = [(q >> 32n) ^ b ^ k, low(q), (p >> 32n) ^ d ^ l, low(p)];
      [k, l] = [low(k + 0x9e3779b9n), low(l + 0xbb67ae85n)];
    }
    assertEquals([...philox(counter, key)], [a, b, c, d].map(Number));
  }));
});

Deno.test("uniformAt() is spread evenly over places and over seeds, and needs both", () => {
  for (const draw of [(i: number) => uniformAt(5, i), (i: number) => uniformAt(i * 2 ** 32, 3)]) {
    const counts = Array(16).fill(0);
    for (let i = 0; i < 16_000; i++) counts[Math.floor(16 * draw(i))]++;
    // χ² with 15 degrees of freedom exceeds 44.3 once in ten thousand times; nothing here is drawn anew.
    const chiSquared = counts.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    assert(chiSquared < 44.3, `χ² is ${chiSquared}`);
  }
  assert(uniformAt(-1, 0) !== uniformAt(1, 0));
  assertThrows(() => uniformAt(0.5, 0), RangeError, "must be a whole number");
});
