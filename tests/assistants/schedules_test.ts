import fc from "fast-check";
import { type Schedule, scheduledNumber } from "../../lib/assistants/schedules.ts";
import { assert, assertAllClose, assertEquals, assertThrows } from "../support/mod.ts";

const of = (schedule: Schedule | number, totalSteps = 10) => scheduledNumber(schedule, { name: "lambda", totalSteps });

Deno.test("scheduledNumber() goes from its start to its end, straight or along the cosine", () => {
  const at = (name: Schedule["name"]) => [0, 5, 10, 12].map((step) => of({ name, from: 1, to: 3 }).at(step));
  assertAllClose(at("linear"), [1, 2, 3, 3]);
  assertAllClose(at("cosine"), [1, 2, 3, 3]);
  assertEquals(at("constant"), [1, 1, 1, 1]);
  assertAllClose(of({ name: "cosine", from: 0, to: 1 }).at(2.5), (1 - Math.SQRT1_2) / 2);
  assertEquals(of(-Infinity).at(3), -Infinity);
});

Deno.test("scheduledNumber() takes TAID's adaptive step", () => {
  const lambda = of({ name: "adaptive", from: 0.4, to: 1, rate: 0.5, momentum: 0.9 }, 1000);
  lambda.observe(0, 2);
  assertAllClose(lambda.at(1), 0.4 + 0.6 / 1000);
  lambda.observe(1, 1);
  // δ = 0.5, m = 0.1 · 0.5, s = 0.001 + 0.5 · sigmoid(0.05) · (1 − 0.001)
  const progress = 0.001 + 0.5 * 0.999 / (1 + Math.exp(-0.05));
  assertAllClose(lambda.at(2), 0.4 + 0.6 * progress, { atol: 1e-12 });
  lambda.observe(2, 1.5);
  // δ = −0.5, m = 0.9 · 0.05 − 0.1 · 0.5
  assertAllClose(lambda.at(3), 0.4 + 0.6 * (progress + 0.5 * (1 - progress) / (1 + Math.exp(0.005))), { atol: 1e-12 });
});

Deno.test("scheduledNumber() with TAID's schedule is never behind the straight line and never falls", () => {
  const losses = fc.array(fc.double({ min: 0, max: 10, noNaN: true }), { minLength: 20, maxLength: 20 });
  fc.assert(fc.property(losses, fc.double({ min: 0, max: 1, noNaN: true }), (losses, rate) => {
    const lambda = of({ name: "adaptive", from: 0, to: 1, rate }, 20);
    let before = 0;
    return losses.every((loss, step) => {
      const now = lambda.at(step);
      lambda.observe(step, loss);
      const good = now >= step / 20 && now >= before && now <= 1;
      before = now;
      return good;
    }) && lambda.at(20) === 1;
  }));
});

Deno.test("scheduledNumber() resumes from its state", () => {
  const schedule: Schedule = { name: "adaptive", from: 0.2, to: 1, rate: 0.1 };
  const [whole, first, second] = [of(schedule, 50), of(schedule, 50), of(schedule, 50)];
  const losses = [3, 2, 2.5, 1, 0.5, 0.75];
  losses.forEach((loss, step) => whole.observe(step, loss));
  losses.slice(0, 3).forEach((loss, step) => first.observe(step, loss));
  second.restore(JSON.parse(JSON.stringify(first.state())));
  losses.slice(3).forEach((loss, i) => second.observe(3 + i, loss));
  assertEquals(second.state(), whole.state());
  assert(second.at(6) > 0.2 + 0.8 * 6 / 50);
});

Deno.test("scheduledNumber() refuses invalid arguments, naming them", () => {
  const cases: [Schedule | number, string][] = [
    [{ name: "linear", from: 0 }, `a linear schedule must have "to"`],
    [{ name: "linear", from: -1, to: Infinity }, "to must be a finite number, current value is Infinity"],
    [{ name: "steps" as "linear", from: 0, to: 1 }, "current value is steps"],
    [{ name: "adaptive", from: 0, to: 1, momentum: 1 }, "momentum"],
    [{ name: "adaptive", from: 0, to: 1, rate: 2 }, "rate"],
    [NaN, "a number is needed"],
  ];
  for (const [schedule, part] of cases) assertThrows(() => of(schedule), RangeError, part);
});
