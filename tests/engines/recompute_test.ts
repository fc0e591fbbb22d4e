/** Blocks that are computed again for the gradient, on every engine and in the precisions of torch. */
import * as tf from "@tensorflow/tfjs-core";
import { type EngineName, useEngine } from "../../lib/engines/mod.ts";
import { addLora } from "../../lib/models/lora/add_lora.ts";
import type { LanguageModel } from "../../lib/models/language_model.ts";
import { Trainer } from "../../lib/training/step/trainer.ts";
import { assertAllClose, assertEquals } from "../support/mod.ts";
import { tinyFamily } from "../support/tiny_families.ts";
import { tinyRows } from "../support/tiny_model.ts";
import { testOnEngines } from "./on_engines.ts";

/** Losses and gradients of two steps. */
async function afterSteps(student: LanguageModel, recompute: boolean): Promise<number[]> {
  const trainer = new Trainer({ student, totalSteps: 9, optimizer: { learningRate: 1e-2 }, recompute });
  const numbers: number[] = [];
  for (const seed of [1, 2]) {
    const { loss, gradNorm } = await trainer.step(tinyRows(4, { seed }));
    numbers.push(loss, gradNorm);
  }
  for (const moment of trainer.optimizer.slots.get("first")!.values()) numbers.push(...await moment.data());
  trainer.dispose();
  student.dispose();
  return numbers;
}

async function sameAgain(): Promise<void> {
  const before = tf.memory().numTensors;
  for (const family of ["gpt2", "opt", "qwen3"]) {
    const plain = () => tinyFamily(family, 1);
    const adapted = () => {
      const model = tinyFamily(family, 1);
      addLora(model, { rank: 2, dropout: 0.3, targets: ["all-linear"], seed: 3 });
      return model;
    };
    for (const make of [plain, adapted]) {
      const expected = await afterSteps(make(), false);
      assertAllClose(await afterSteps(make(), true), expected, { atol: 1e-6, rtol: 1e-6 });
    }
  }
  assertEquals(tf.memory().numTensors, before);
}

testOnEngines("steps that compute blocks again are the same, and leave nothing behind", async (engine: EngineName) => {
  await sameAgain();
  if (engine !== "torch") return;
  try {
    await useEngine("torch", { precision: "bfloat16" });
    await sameAgain();
  } finally {
    await useEngine("torch", { precision: "float32" });
  }
});
