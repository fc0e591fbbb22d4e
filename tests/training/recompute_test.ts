import fc from "fast-check";
import * as tf from "@tensorflow/tfjs-core";
import { useEngine } from "../../lib/engines/mod.ts";
import { generate } from "../../lib/models/generation/generate.ts";
import { addLora } from "../../lib/models/lora/add_lora.ts";
import type { LanguageModel } from "../../lib/models/language_model.ts";
import { packTokens } from "../../lib/batches/packed_tokens.ts";
import { objective } from "../../lib/objectives/mod.ts";
import { Recorded } from "../../lib/operations/recorded.ts";
import { Trainer, type TrainerOptions } from "../../lib/training/step/trainer.ts";
import { assert, assertAllClose, assertEquals } from "../support/mod.ts";
import { tinyFamilies, tinyFamily } from "../support/tiny_families.ts";
import { tinyModel, tinyRows } from "../support/tiny_model.ts";

await useEngine("wasm");

const amid = objective("amid", { alpha: 0.3, lambda: 0.2 });

/** Losses and gradients of two steps: with the first moments, all of them. */
async function afterSteps(student: LanguageModel, changes: Partial<TrainerOptions> = {}): Promise<number[]> {
  const teacher = tinyModel(2, { n_layer: 1 });
  const options = { objective: amid, distillWeight: 0.7, totalSteps: 10, optimizer: { learningRate: 1e-2 } };
  const trainer = new Trainer({ ...options, student, teacher, ...changes });
  const numbers: number[] = [];
  for (let step = 0; step < 2; step++) {
    const { loss, gradNorm } = await trainer.step(tinyRows(5, { seed: step + 1, preamble: true }));
    numbers.push(loss, gradNorm);
  }
  for (const moment of trainer.optimizer.slots.get("first")!.values()) numbers.push(...moment.dataSync());
  trainer.dispose();
  teacher.dispose();
  student.dispose();
  return numbers;
}

for (const family of Object.keys(tinyFamilies)) {
  Deno.test(`step() that recomputes the blocks of ${family} has the same bits`, async () => {
    const expected = await afterSteps(tinyFamily(family, 1));
    assertEquals(await afterSteps(tinyFamily(family, 1), { recompute: true }), expected);
  });

  Deno.test(`step() that recomputes the blocks of ${family} with adapters drops the same inputs twice`, async () => {
    const adapted = () => {
      const model = tinyFamily(family, 1);
      addLora(model, { rank: 2, dropout: 0.4, targets: ["all-linear"], seed: 3 });
      return model;
    };
    const expected = await afterSteps(adapted(), { microBatchSize: 2 });
    assertEquals(await afterSteps(adapted(), { microBatchSize: 2, recompute: true }), expected);
  });
}

Deno.test("step() that recomputes does not depend on micro-batches, chunks or order", async () => {
  const expected = await afterSteps(tinyModel(1), { recompute: true });
  const variants = fc.record({ microBatchSize: fc.integer({ min: 1, max: 6 }), chunkSize: fc.constantFrom(1, 7, 64) });
  await fc.assert(
    fc.asyncProperty(variants, async (changes) => {
      const actual = await afterSteps(tinyModel(1), { ...changes, recompute: true });
      assertAllClose(actual.slice(0, 4), expected.slice(0, 4), { atol: 1e-5, rtol: 1e-5 });
    }),
    { numRuns: 5 },
  );
});

Deno.test("states() with recompute drops the inputs of the forward pass when the gradient is taken", () => {
  const model = tinyModel(1);
  addLora(model, { rank: 2, dropout: 0.4, targets: ["all-linear"], seed: 3 });
  const tokens = packTokens(tinyRows(3).map(({ ids }) => ids));
  const sources = [...model.trainable.values()];
  const of = (recompute: boolean) => {
    const recorded = new Recorded(() => model.states(tokens, { recompute, pass: { step: 0, part: "rows" } }));
    const gradients = recorded.gradients(recorded.value, sources);
    return sources.map(({ id }) => [...gradients.get(id)!.dataSync()]);
  };
  assertEquals(of(true), of(false));
});

Deno.test("step() that recomputes leaves no tensor behind", async () => {
  for (const family of ["gpt2", "opt", "qwen3", "gemma2"]) {
    const [student, teacher] = [tinyFamily(family, 1), tinyModel(2)];
    const trainer = new Trainer({
      student,
      teacher,
      objective: amid,
      totalSteps: 9,
      optimizer: { learningRate: 1e-2 },
      recompute: true,
      microBatchSize: 2,
    });
    await trainer.step(tinyRows(5));
    const level = tf.memory().numTensors;
    for (let step = 0; step < 3; step++) await trainer.step(tinyRows(5));
    assertEquals(tf.memory().numTensors, level);
  }
});

Deno.test("step() that recomputes needs less memory at its peak, the more so the more blocks there are", async () => {
  const peak = async (layers: number, recompute: boolean) => {
    const student = tinyModel(1, { n_layer: layers, n_embd: 32, n_positions: 64 });
    const settings = { totalSteps: 9, optimizer: { learningRate: 1e-2 } };
    const trainer = new Trainer({ student, ...settings, recompute });
    await trainer.step(tinyRows(8));
    const before = tf.memory().numBytes;
    const { peakBytes } = await tf.profile(async () => {
      await trainer.step(tinyRows(8));
      return [];
    });
    return peakBytes - before;
  };
  const saved: number[] = [];
  for (const layers of [4, 12]) {
    const [kept, again] = [await peak(layers, false), await peak(layers, true)];
    assert(again < 0.8 * kept, `${layers} blocks: ${again} bytes instead of ${kept}`);
    saved.push(kept - again);
  }
  assert(saved[1] > 2 * saved[0], `${saved}`);
});

Deno.test("generate() is as it was where blocks are recomputed in training", async () => {
  const model = tinyModel(1);
  const prompts = [[3, 1, 4], [1, 5, 9, 2]];
  const before = await generate(model, prompts, { maxNewTokens: 5, temperature: 0 });
  const trainer = new Trainer({ student: model, totalSteps: 9, optimizer: { learningRate: 1e-30 }, recompute: true });
  await trainer.step(tinyRows(3));
  assertEquals(await generate(model, prompts, { maxNewTokens: 5, temperature: 0 }), before);
});
