/** A step of distillation with a student of every family, on every engine as on the engine `cpu`. */
import * as tf from "@tensorflow/tfjs-core";
import { useEngine } from "../../lib/engines/mod.ts";
import { objective } from "../../lib/objectives/mod.ts";
import { Trainer } from "../../lib/training/step/trainer.ts";
import { assertAllClose, assertEquals } from "../support/mod.ts";
import { tinyFamilies, tinyFamily } from "../support/tiny_families.ts";
import { testOnEngines } from "./on_engines.ts";

const rows = [[7, 3, 9, 1, 40, 22, 5, 8], [7, 3, 9, 4, 4], [7, 3, 9, 52, 0, 13, 2]].map((ids) => ({
  ids,
  promptLength: 3,
}));

/** Losses and the gradient's norm of two steps, for each family as the student of the one before it. */
async function steps(): Promise<Record<string, number[]>> {
  const families = Object.keys(tinyFamilies);
  const results: Record<string, number[]> = {};
  for (const [i, family] of families.entries()) {
    const [student, teacher] = [tinyFamily(family, 1), tinyFamily(families.at(i - 1)!, 2)];
    const trainer = new Trainer({
      student,
      teacher,
      objective: objective("amid", { alpha: 0.3, lambda: 0.2 }),
      distillWeight: 0.7,
      totalSteps: 5,
      optimizer: { learningRate: 1e-2 },
    });
    const [first, second] = [await trainer.step(rows), await trainer.step(rows)];
    results[family] = [first, second].flatMap(({ lmLoss, distillLoss, gradNorm }) => [lmLoss, distillLoss, gradNorm]);
    [trainer, student, teacher].forEach((part) => part.dispose());
  }
  return results;
}

let reference: ReturnType<typeof steps> | undefined;

testOnEngines(
  "a student of every family learns as on the reference engine, and leaves nothing behind",
  async (engine) => {
    await useEngine("cpu");
    const expected = await (reference ??= steps());
    await useEngine(engine);
    const before = tf.memory().numTensors;
    const actual = await steps();
    assertEquals(tf.memory().numTensors, before);
    for (const [family, numbers] of Object.entries(expected)) {
      assertAllClose(actual[family], numbers, { atol: 1e-4, rtol: 1e-3 });
    }
  },
  { except: ["cpu"] },
);

testOnEngines("a student of every family learns in bfloat16 nearly as in float32", async () => {
  await useEngine("cpu");
  const expected = await (reference ??= steps());
  try {
    await useEngine("torch", { precision: "bfloat16" });
    const actual = await steps();
    for (const [family, numbers] of Object.entries(expected)) {
      assertAllClose(actual[family], numbers, { atol: 0.05, rtol: 0.1 });
    }
  } finally {
    await useEngine("torch", { precision: "float32" });
  }
}, { except: ["cpu", "wasm", "webgpu", "tensorflow"] });
