/** Reductions of a block, and bfloat16 to its edges, run on the processor, against float64. */
import { testWithCompiler } from "../../../support/compiler.ts";
import { assert, assertEquals } from "../../../support/mod.ts";
import { type BlockCase, blockResults, nearestBfloat16, throughBfloat16 } from "./device_functions.ts";

/** Numbers between −4 and 4, by a multiplicative generator. */
function numbers(count: number, seed: number): Float32Array<ArrayBuffer> {
  let state = seed * 2654435761 % 2147483647;
  return Float32Array.from({ length: count }, () => {
    state = state * 48271 % 2147483647;
    return 8 * state / 2147483647 - 4;
  });
}

const sizes = [[32, 7], [64, 64], [96, 1000], [1024, 5], [1024, 1024], [1024, 50257]] as const;

testWithCompiler("block_sum, block_max and Normaliser give every thread the sums of float64", async () => {
  const cases: BlockCase[] = sizes.map(([threads, count], i) => ({ threads, values: numbers(count, i + 1) }));
  (await blockResults(cases)).forEach(({ sums, largest, normaliser }, i) => {
    const values = Array.from(cases[i].values);
    const wanted = [values.reduce((a, b) => a + b, 0), values.reduce((a, b) => a + b * b, 0)];
    // A float32 sum of n numbers by pairs of threads errs by some roundings of the sum of their sizes.
    const size = values.reduce((a, b) => a + Math.abs(b), 0) + 1;
    assert(Math.abs(sums[0] - wanted[0]) <= 2e-6 * size, `${sums[0]} against ${wanted[0]}`);
    assert(Math.abs(sums[1] - wanted[1]) <= 2e-6 * (wanted[1] + 1), `${sums[1]} against ${wanted[1]}`);
    const top = Math.max(...values);
    assertEquals([largest, normaliser[0]], [top, top]);
    const total = Math.log(values.reduce((a, b) => a + Math.exp(b - top), 0));
    assert(Math.abs(normaliser[1] - total) <= 5e-6, `${normaliser[1]} against ${total}`);
  });
});

testWithCompiler("Normaliser makes NaN of rows without a distribution, and takes excluded tokens", async () => {
  const row = (changes: Record<number, number>) => {
    const values = numbers(100, 3);
    for (const [place, value] of Object.entries(changes)) values[Number(place)] = value;
    return { threads: 64, values };
  };
  const none = Float32Array.from({ length: 40 }, () => -1e30);
  const found = await blockResults([
    row({ 17: NaN }),
    row({ 17: Infinity }),
    { threads: 64, values: none },
    row({ 0: -1e30, 99: -1e30 }),
  ]);
  assertEquals(found.map(({ normaliser: [, total] }) => Number.isNaN(total)), [true, true, true, false]);
  const kept = Array.from(numbers(100, 3)).slice(1, 99);
  const top = Math.max(...kept);
  const wanted = Math.log(kept.reduce((sum, value) => sum + Math.exp(value - top), 0));
  assert(Math.abs(found[3].normaliser[1] - wanted) <= 5e-6);
});

/** Every upper half of a float32 with the lower halves around a tie, and those at both ends. */
function edges(): Float32Array<ArrayBuffer> {
  const lower = [0, 1, 0x7fff, 0x8000, 0x8001, 0xffff];
  const words = new Uint32Array(65536 * lower.length);
  for (let i = 0; i < words.length; i++) words[i] = Math.floor(i / lower.length) * 65536 + lower[i % lower.length];
  return new Float32Array(words.buffer);
}

testWithCompiler(
  "store() rounds to the nearest number of bfloat16, to even at a tie: NaN, infinities, subnormals, overflow",
  async () => {
    const values = edges();
    const found = await throughBfloat16(values);
    const counts = { nan: 0, infinite: 0, subnormal: 0, overflowed: 0 };
    for (let i = 0; i < values.length; i++) {
      const wanted = nearestBfloat16(values[i]);
      if (!Object.is(found[i], wanted)) throw new Error(`${values[i]} became ${found[i]}, not ${wanted}`);
      if (Number.isNaN(wanted)) counts.nan++;
      else if (!Number.isFinite(values[i])) counts.infinite++;
      else if (!Number.isFinite(wanted)) counts.overflowed++;
      else if (wanted !== 0 && Math.abs(wanted) < 2 ** -126) counts.subnormal++;
    }
    // Two infinities; all other bits of the largest exponent are NaN; half a unit above the largest number overflows.
    assertEquals(counts, { nan: 1534, infinite: 2, subnormal: 1522, overflowed: 6 });
  },
);
