import * as tf from "@tensorflow/tfjs-core";
import { useEngine } from "../../../lib/engines/mod.ts";
import { validationLoss } from "../../../lib/training/run/validation_loss.ts";
import { loadModel } from "../../../lib/models/load_model.ts";
import { distill } from "../../../lib/training/run/distill.ts";
import { WeightAverage } from "../../../lib/training/step/weight_average.ts";
import { assert, assertAllClose, assertEquals, assertRejects, assertThrows } from "../../support/mod.ts";
import { tinyModel, tinyRows } from "../../support/tiny_model.ts";

await useEngine("wasm");

Deno.test("WeightAverage is the exponential moving average of the weights, from their start", () => {
  const weight = tf.variable(tf.tensor1d([1, -2]));
  const average = new WeightAverage(new Map([["weight", weight]]), 0.75);
  for (const values of [[3, 0], [5, 4]]) {
    weight.assign(tf.tensor1d(values));
    average.update();
  }
  assertAllClose(average.values.get("weight")!, [0.5625 + 0.5625 + 1.25, -1.125 + 0 + 1]);
});

Deno.test("WeightAverage.during() lends its values and gives the own ones back, after an error too", async () => {
  const weight = tf.variable(tf.tensor1d([1]));
  const average = new WeightAverage(new Map([["weight", weight]]), 0.5);
  weight.assign(tf.tensor1d([3]));
  average.update();
  const before = tf.memory().numTensors;
  assertEquals(await average.during(() => Promise.resolve(weight.dataSync()[0])), 2);
  assertEquals(weight.dataSync()[0], 3);
  await assertRejects(() => average.during(() => Promise.reject(new RangeError("no"))), RangeError, "no");
  assertEquals(weight.dataSync()[0], 3);
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("WeightAverage refuses a decay outside [0, 1)", () => {
  for (const decay of [-0.1, 1, NaN]) {
    assertThrows(() => new WeightAverage(new Map(), decay), RangeError, `current value is ${decay}`);
  }
});

Deno.test("distill() validates the averaged weights beside the student's, and saves them at the end", async () => {
  const [student, validRows] = [tinyModel(1), tinyRows(4, { seed: 9 })];
  const averageFolder = `${await Deno.makeTempDir()}/average`;
  const run = distill({
    student,
    rows: tinyRows(8),
    batchSize: 4,
    totalSteps: 6,
    optimizer: { learningRate: 1e-2 },
    averageDecay: 0.5,
    averageFolder,
    validRows,
  });
  let last: { validLoss: number; averageValidLoss?: number } | undefined;
  for await (const event of run) if (event.type === "validation") last = event;
  const average = await loadModel(averageFolder);
  assertAllClose(last!.averageValidLoss!, await validationLoss(average, validRows));
  assertAllClose(last!.validLoss, await validationLoss(student, validRows));
  assert(last!.validLoss !== last!.averageValidLoss);
});
