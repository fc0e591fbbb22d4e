import { median, type MetricsLine, runCurve } from "../../../lib/runs/records/run_curve.ts";
import { assertEquals, assertThrows } from "../../support/mod.ts";

const step = (step: number, loss: number, gradNorm = 1): MetricsLine => ({
  type: "step",
  step,
  loss,
  gradNorm,
  seconds: step,
  tokens: 10,
  metrics: { residentBytes: step * 2 ** 20 },
});

Deno.test("median() is the middle value, or the mean of the two in the middle", () => {
  assertEquals([median([3, 1, 2]), median([4, 1, 3, 2]), median([7])], [2, 2.5, 7]);
});

Deno.test("runCurve() keeps one mean of each window and every validation", () => {
  const lines: MetricsLine[] = [
    { type: "start", step: 0 },
    ...[1, 2, 3, 4, 5].map((at) => step(at, at)),
    { type: "validation", step: 5, validLoss: 2.123456789 },
  ];
  const { curve, cost } = runCurve(lines, { window: 2 });
  assertEquals(curve.training, [[2, 1.5], [4, 3.5], [5, 5]]);
  assertEquals(curve.validation, [[5, 2.1235]]);
  assertEquals([curve.steps, curve.tokens, curve.gradientNorm, curve.spikes], [5, 50, 1, 0]);
  assertEquals(cost, { stepSeconds: 3, peakMiB: 5 });
});

Deno.test("runCurve() counts gradients above three times the median of those before", () => {
  const norms = [9, 1, 1, 1, 1, 1, 3.1, 1, 2.9, 4];
  const { curve } = runCurve(norms.map((norm, at) => step(at + 1, 1, norm)));
  assertEquals([curve.spikes, curve.largestGradientNorm], [2, 9]);
});

Deno.test("runCurve() needs a step", () => {
  assertThrows(() => runCurve([{ type: "start", step: 0 }]), RangeError, "current count is 0");
});
