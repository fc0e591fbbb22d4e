import { randomStream } from "../../../lib/random/random.ts";
import { dataPolicy, type DataPolicyOptions, type RowSource } from "../../../lib/training/policy/data_policy.ts";
import { assert, assertEquals, assertThrows } from "../../support/mod.ts";

/** The share of each source in each quarter of 8,000 steps, seed 11. */
function shares(options: DataPolicyOptions, bufferFull = true): Record<RowSource, number>[] {
  const policy = dataPolicy(options);
  const random = randomStream(11);
  const totalSteps = 8000;
  const quarters = [0, 1, 2, 3].map(() => ({ corpus: 0, student: 0, buffer: 0 }));
  for (let step = 0; step < totalSteps; step++) {
    const quarter = quarters[Math.floor(4 * step / totalSteps)];
    quarter[policy.source({ step, totalSteps, bufferFull, random })] += 4 / totalSteps;
  }
  return quarters;
}

/** 2,000 draws a quarter: four standard deviations of a share are at most 4 · √(¼ / 2000) = 0.045. */
function assertShares(actual: Record<RowSource, number>[], expected: Record<RowSource, number>[]): void {
  actual.forEach((quarter, i) => {
    for (const source of ["corpus", "student", "buffer"] as const) {
      const [found, wanted] = [quarter[source], expected[i][source]];
      assert(Math.abs(found - wanted) <= 0.045, `quarter ${i}: ${found} of ${source}, expected ${wanted}`);
    }
  });
}

Deno.test("dataPolicy() takes the corpus when off, the student when on, and mixes them by its probability", () => {
  const always = (source: RowSource) => Array(4).fill({ corpus: 0, student: 0, buffer: 0, [source]: 1 });
  assertEquals(shares({}).map(({ corpus }) => Math.round(corpus * 1e9) / 1e9), [1, 1, 1, 1]);
  assertShares(shares({ name: "off", replay: "constant" }), always("corpus"));
  assertShares(shares({ name: "on" }), always("student"));
  assertShares(shares({ name: "mixed", probability: 0.3 }), Array(4).fill({ corpus: 0.7, student: 0.3, buffer: 0 }));
});

Deno.test("dataPolicy() lets the share by source follow the replay schedule", () => {
  // The mean of the fresh share 1 − t over a quarter is 7/8, 5/8, 3/8, 1/8.
  const falling = [7, 5, 3, 1].map((eighths) => eighths / 8);
  const adaptive: DataPolicyOptions = { name: "adaptive", threshold: 0.8 };
  const expected = (fresh: number[]) => fresh.map((f) => ({ corpus: 0.2, student: 0.8 * f, buffer: 0.8 * (1 - f) }));
  assertShares(shares({ ...adaptive }), expected(falling));
  assertShares(shares({ ...adaptive, replay: "increasing" }), expected(falling.toReversed()));
  assertShares(shares({ ...adaptive, replay: "constant" }), expected([0.5, 0.5, 0.5, 0.5]));
  assertShares(shares({ ...adaptive, replay: "none" }), expected([1, 1, 1, 1]));
});

Deno.test("dataPolicy() uses new responses until the buffer is full", () => {
  const expected = Array(4).fill({ corpus: 0.5, student: 0.5, buffer: 0 });
  assertShares(shares({ name: "mixed", replay: "increasing" }, false), expected);
});

Deno.test("dataPolicy() raises the adaptive share where the validation loss rises by more than the tolerance", () => {
  const follow = (losses: number[], options: DataPolicyOptions = {}) => {
    const policy = dataPolicy({ name: "adaptive", ...options });
    return losses.map((loss) => (policy.observe(loss), policy.share));
  };
  assertEquals(follow([3, 2, 2.05, 2.25, 2.4, 1, 1.2]), [0, 0, 0, 0.1, 0.2, 0.2, 0.3]);
  assertEquals(follow([3, 2, 2.5, 3.05, 3.2, 3.35], { reference: "raised" }), [0, 0, 0, 0, 0.1, 0.2]);
  const rising = Array.from({ length: 14 }, (_, i) => i);
  assertEquals(follow(rising).slice(9), [0.9, 1, 1, 1, 1]);
  assertEquals(follow([0, 1, 2], { threshold: 0.5, thresholdRise: 0.4 }), [0.5, 0.9, 1]);
  assertEquals(follow([0, 0.3, 0.9], { tolerance: 0.5 }), [0, 0, 0.1]);
});

Deno.test("dataPolicy() resumes from its state", () => {
  const [whole, first] = [dataPolicy({ name: "adaptive" }), dataPolicy({ name: "adaptive" })];
  const losses = [2, 2.2, 2.1, 2.3, 2.2];
  losses.forEach((loss) => whole.observe(loss));
  losses.slice(0, 3).forEach((loss) => first.observe(loss));
  const second = dataPolicy({ name: "adaptive" });
  second.restore(JSON.parse(JSON.stringify(first.state())));
  losses.slice(3).forEach((loss) => second.observe(loss));
  assertEquals(second.state(), whole.state());
});

Deno.test("dataPolicy() refuses invalid arguments, naming them", () => {
  const cases: [DataPolicyOptions, string][] = [
    [{ name: "never" as "off" }, "current value is never"],
    [{ replay: "always" as "none" }, "replay must be one of"],
    [{ reference: "first" as "raised" }, "reference must be one of previous, raised"],
    [{ probability: 1.1 }, "probability must be in 0..1, current value is 1.1"],
    [{ threshold: NaN }, "threshold"],
    [{ tolerance: -0.1 }, "tolerance"],
  ];
  for (const [options, part] of cases) assertThrows(() => dataPolicy(options), RangeError, part);
});
