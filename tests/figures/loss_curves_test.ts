import { assert, assertEquals, assertThrows } from "../support/mod.ts";
import { trainingLossFigure, validationLossFigure } from "../../lib/figures/loss_curves.ts";

const points = [{ step: 1, loss: 4 }, { step: 2, loss: 2 }, { step: 3, loss: 3 }];

Deno.test("trainingLossFigure() draws every step and the moving mean, units on the axes", () => {
  const { data, layout } = trainingLossFigure(points, { window: 3 });
  assertEquals(data.map(({ x }) => x), [[1, 2, 3], [1, 2, 3]]);
  assertEquals(data.map(({ y }) => y), [[4, 2, 3], [3, 3, 2.5]]);
  assertEquals(data[1].name, "mean of 3");
  assert(layout.yaxis.title.text.includes("nats per token") && layout.xaxis.title.text.includes("step"));
});

Deno.test("trainingLossFigure() smooths over a twentieth of the points", () => {
  const many = Array.from({ length: 300 }, (_, i) => ({ step: i, loss: i }));
  assertEquals(trainingLossFigure(many).data[1].name, "mean of 15");
  assertEquals(trainingLossFigure(points).data[1].y, [4, 2, 3]);
});

Deno.test("validationLossFigure() marks the student between the levels of start and teacher", () => {
  const { data } = validationLossFigure(points, { teacher: 1, start: 5 });
  assertEquals(data.map(({ name }) => name), ["start", "student", "teacher"]);
  assertEquals(data.map(({ y }) => y), [[5, 5], [4, 2, 3], [1, 1]]);
  assertEquals(validationLossFigure(points).data.length, 1);
});

Deno.test("trainingLossFigure() and validationLossFigure() refuse to draw nothing", () => {
  assertThrows(() => trainingLossFigure([]), RangeError, "current number is 0");
  assertThrows(() => validationLossFigure([]), RangeError, "current number is 0");
});
