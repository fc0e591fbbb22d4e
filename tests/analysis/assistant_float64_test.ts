import fc from "fast-check";
import { assistantFloat64 } from "../../lib/analysis/assistant_float64.ts";
import { normalized } from "../../lib/analysis/grid.ts";
import { assert, assertAllClose, assertEquals, assertThrows } from "../support/mod.ts";

const logDistribution = fc.array(fc.double({ min: -60, max: 60, noNaN: true }), { minLength: 4, maxLength: 4 }).map(
  normalized,
);
const lambda = fc.double({ min: 0, max: 1, noNaN: true });

Deno.test("assistantFloat64() sums to 1 and has weights in 0..1, for any order", () => {
  const alpha = fc.oneof(fc.double({ min: -10, max: 10, noNaN: true }), fc.constantFrom(1, -Infinity, Infinity));
  fc.assert(fc.property(logDistribution, logDistribution, alpha, lambda, (teacher, student, alpha, lambda) => {
    const { logProbs, weight } = assistantFloat64({ teacher, student }, { alpha, lambda });
    assertAllClose(logProbs.reduce((sum, value) => sum + Math.exp(value), 0), 1, { atol: 1e-9 });
    assert(weight.every((value) => value >= 0 && value <= 1));
  }));
});

Deno.test("assistantFloat64() has ω as the derivative of log m, by differences", () => {
  const step = 1e-5;
  for (const alpha of [-3, -1, 0, 0.99, 1, 3]) {
    // Of unnormalised arguments only the ratios count: r_0/r_1 moves by ω_0 where log q_0 moves.
    const ratio = (shift: number) => {
      const pair = { teacher: [-1, -0.5], student: [-0.7 + shift, -2] };
      const { logProbs } = assistantFloat64(pair, { alpha, lambda: 0.3 });
      return logProbs[0] - logProbs[1];
    };
    const { weight } = assistantFloat64({ teacher: [-1, -0.5], student: [-0.7, -2] }, { alpha, lambda: 0.3 });
    assertAllClose((ratio(step) - ratio(-step)) / (2 * step), weight[0], { atol: 1e-6 });
  }
});

Deno.test("assistantFloat64() is the teacher at λ = 1 and the student at λ = 0", () => {
  const pair = { teacher: normalized([0, 1, 2]), student: normalized([3, 1, 0]) };
  assertAllClose(assistantFloat64(pair, { alpha: 3, lambda: 1 }).logProbs, pair.teacher);
  assertEquals(assistantFloat64(pair, { alpha: 3, lambda: 0 }).weight, [1, 1, 1]);
});

Deno.test("assistantFloat64() refuses lengths that differ and λ beyond 0..1", () => {
  const pair = { teacher: [0], student: [0, 0] };
  assertThrows(() => assistantFloat64(pair, { alpha: 0, lambda: 0.5 }), RangeError, "1 and 2");
  assertThrows(() => assistantFloat64(pair, { alpha: 0, lambda: 2 }), RangeError, "current value is 2");
});
