import fc from "fast-check";
import { learningRateAt, type LearningRateSchedule } from "../../../lib/training/optimizer/learning_rate.ts";
import { assertAllClose, assertEquals, assertThrows } from "../../support/mod.ts";

const rates = (schedule: LearningRateSchedule, steps: number[], totalSteps = 11) =>
  steps.map((step) => learningRateAt(step, { peak: 1, totalSteps, ...schedule }));

Deno.test("learningRateAt() rises linearly, then falls along the cosine to the minimum and stays there", () => {
  const schedule = { name: "cosine" as const, minimum: 0.2, warmupSteps: 3 };
  assertAllClose(rates(schedule, [0, 1, 2, 3, 7, 11, 20]), [0.25, 0.5, 0.75, 1, 0.6, 0.2, 0.2], { atol: 1e-12 });
  assertEquals(learningRateAt(9, { name: "constant", peak: 3, totalSteps: 10 }), 3);
});

Deno.test("learningRateAt() falls as a power of what is left, to the minimum", () => {
  const schedule = { name: "polynomial" as const, minimum: 0.2, warmupSteps: 3 };
  assertAllClose(rates(schedule, [1, 3, 7, 9, 11, 20]), [0.5, 1, 0.6, 0.4, 0.2, 0.2], { atol: 1e-12 });
  assertAllClose(rates({ ...schedule, power: 2, minimum: 0 }, [7, 9]), [0.25, 0.0625], { atol: 1e-12 });
  assertAllClose(rates({ ...schedule, power: 0.5, minimum: 0 }, [9]), [0.5], { atol: 1e-12 });
});

Deno.test("learningRateAt() falls with the inverse root of the step, down to the minimum", () => {
  const schedule = { name: "noam" as const, warmupSteps: 3 };
  assertAllClose(rates(schedule, [0, 3, 15, 63]), [0.25, 1, 0.5, 0.25], { atol: 1e-12 });
  assertAllClose(rates({ ...schedule, minimum: 0.4 }, [15, 63]), [0.5, 0.4], { atol: 1e-12 });
});

Deno.test("learningRateAt() never jumps where the warm-up ends, and stays between minimum and peak", () => {
  const schedule = fc.record({
    name: fc.constantFrom("constant" as const, "cosine" as const, "noam" as const, "polynomial" as const),
    minimum: fc.double({ min: 0, max: 0.5, noNaN: true }),
    warmupSteps: fc.integer({ min: 0, max: 40 }),
    power: fc.double({ min: 0.1, max: 5, noNaN: true }),
  });
  fc.assert(fc.property(schedule, (schedule) => {
    const { warmupSteps: w } = schedule;
    const [before, peak, ...after] = rates(schedule, [w - 1, w, w + 1, w + 20, 100], 100);
    const falls = [peak, ...after].every((rate, i, all) => i === 0 || rate <= all[i - 1] + 1e-12);
    return Math.abs(peak - 1) < 1e-12 && (w === 0 || before < 1) && falls && after.at(-1)! >= schedule.minimum - 1e-12;
  }));
});

Deno.test("learningRateAt() refuses invalid arguments, naming them", () => {
  const cases: [LearningRateSchedule, string][] = [
    [{ name: "linear" as "cosine" }, "current value is linear"],
    [{ minimum: -1 }, "minimum"],
    [{ warmupSteps: 1.5 }, "warmupSteps must be a non-negative whole number, current value is 1.5"],
    [{ power: 0 }, "power"],
  ];
  for (const [schedule, part] of cases) assertThrows(() => rates(schedule, [0]), RangeError, part);
});
