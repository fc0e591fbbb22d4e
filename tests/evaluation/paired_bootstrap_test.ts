import { pairedBootstrap } from "../../lib/evaluation/paired_bootstrap.ts";
import { assert, assertAllClose, assertEquals, assertThrows } from "../support/mod.ts";

const scoresA = Array.from({ length: 64 }, (_, i) => ((7 * i * i + 3 * i) % 101) / 1.01);
const scoresB = Array.from({ length: 64 }, (_, i) => ((5 * i * i + 11 * i) % 97) / 0.97 - 6);

Deno.test("pairedBootstrap() has the interval of SciPy", () => {
  // scipy.stats.bootstrap((a - b,), numpy.mean, method="percentile", n_resamples=200000), SciPy 1.17.1, NumPy 2.4.6
  const { difference, low, high, pValue } = pairedBootstrap({ a: { set: [scoresA] }, b: { set: [scoresB] } });
  assertAllClose([difference], [4.465729304889251]);
  // Ten thousand resamples of a deviation of 4.15: the 2.5 % quantile is known to 0.11 (one standard error).
  assertAllClose([low, high], [-3.6112051201898563, 12.641884952026125], { atol: 0.4, rtol: 0 });
  // scipy.stats.ttest_rel says 0.290; the bootstrap's is close to it for 64 rows.
  assertAllClose([pValue], [0.29], { atol: 0.05, rtol: 0 });
});

Deno.test("pairedBootstrap() draws every resample of runs and rows equally often", () => {
  const a = { one: [[0, 3], [10, 40]] };
  const b = { one: [[1, 7]] };
  // All 2² draws of the runs of a times all 2² draws of rows.
  const all: number[] = [];
  const pairs = [[0, 0], [0, 1], [1, 0], [1, 1]];
  for (const runs of pairs) {
    for (const rows of pairs) {
      const mean = (list: number[][], of: number[]) =>
        of.flatMap((run) => rows.map((row) => list[run][row])).reduce((sum, value) => sum + value) / (2 * of.length);
      all.push(mean(a.one, runs) - mean(b.one, [0]));
    }
  }
  const share = all.filter((value) => value <= 0).length / all.length;
  const resamples = 40000;
  const { pValue, difference, low, high } = pairedBootstrap({ a, b, resamples });
  assertAllClose([pValue], [2 * share], { atol: 0.02, rtol: 0 });
  assertEquals([low, high], [Math.min(...all), Math.max(...all)]);
  assertAllClose([difference], [53 / 4 - 4]);
});

Deno.test("pairedBootstrap() gives each set the same weight, whatever its rows", () => {
  const { difference } = pairedBootstrap({
    a: { large: [[1, 1, 1, 1]], small: [[5]] },
    b: { large: [[0, 0, 0, 0]], small: [[2]] },
    resamples: 10,
  });
  assertAllClose([difference], [2]);
});

Deno.test("pairedBootstrap() turns around with its arguments, and repeats itself by its seed", () => {
  const [a, b] = [{ set: [scoresA] }, { set: [scoresB] }];
  const forth = pairedBootstrap({ a, b, resamples: 500 });
  const back = pairedBootstrap({ a: b, b: a, resamples: 500 });
  assertAllClose([back.difference, back.low, back.high], [-forth.difference, -forth.high, -forth.low]);
  assertEquals(pairedBootstrap({ a, b, resamples: 500 }), forth);
  assert(pairedBootstrap({ a, b, resamples: 500, seed: 2 }).low !== forth.low);
});

Deno.test("pairedBootstrap() needs the same sets and rows, and finite scores", () => {
  const one = { set: [[1, 2]] };
  assertThrows(() => pairedBootstrap({ a: one, b: { other: [[1, 2]] } }), RangeError, "set, other is not in both");
  assertThrows(() => pairedBootstrap({ a: one, b: { set: [[1]] } }), RangeError, "current counts are 2 and 1");
  assertThrows(() => pairedBootstrap({ a: one, b: { set: [[1, NaN]] } }), RangeError, "row 1 of set");
  assertThrows(() => pairedBootstrap({ a: {}, b: {} }), RangeError, "same sets");
  assertThrows(() => pairedBootstrap({ a: one, b: one, level: 1 }), RangeError, "level");
  const uneven = { set: [[1, 2]], more: [[1], [2]] };
  assertThrows(() => pairedBootstrap({ a: uneven, b: { set: [[1, 2]], more: [[1]] } }), RangeError, "same runs");
});
