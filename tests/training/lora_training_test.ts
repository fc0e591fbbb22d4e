import * as tf from "@tensorflow/tfjs-core";
import { useEngine } from "../../lib/engines/mod.ts";
import type { LanguageModel } from "../../lib/models/language_model.ts";
import { addLora, mergeLora } from "../../lib/models/lora/add_lora.ts";
import { objective } from "../../lib/objectives/mod.ts";
import { distill, type DistillOptions } from "../../lib/training/run/distill.ts";
import { estimateMemory } from "../../lib/training/memory/estimate_memory.ts";
import { Trainer } from "../../lib/training/step/trainer.ts";
import { assert, assertAllClose, assertEquals, assertRejects } from "../support/mod.ts";
import { tinyModel, tinyRows } from "../support/tiny_model.ts";

await useEngine("wasm");

function adapted(seed = 1, dropout = 0): LanguageModel {
  const model = tinyModel(seed);
  addLora(model, { rank: 2, alpha: 8, dropout, seed: 4, base: "nowhere" });
  return model;
}

const settings = { totalSteps: 8, optimizer: { learningRate: 1e-2 } };
const numbersOf = (tensors: ReadonlyMap<string, tf.Variable>) => [...tensors.values()].map((x) => x.dataSync().slice());

function runOf(student: LanguageModel, changes: Partial<DistillOptions> = {}) {
  return distill({
    student,
    teacher: tinyModel(2),
    objective: objective("amid", { alpha: 0, lambda: 0.1 }),
    rows: tinyRows(10),
    batchSize: 4,
    microBatchSize: 2,
    seed: 3,
    ...settings,
    ...changes,
  });
}

async function finish(run: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of run);
}

Deno.test("Trainer changes the adapters alone, keeps moments for them alone, and the loss falls", async () => {
  const student = adapted();
  const before = numbersOf(student.parameters);
  const trainer = new Trainer({ student, ...settings });
  assertEquals([...trainer.optimizer.slots.get("first")!.keys()], [...student.trainable.keys()]);
  const rows = tinyRows(6);
  const first = await trainer.step(rows);
  let last = first;
  for (let step = 1; step < 8; step++) last = await trainer.step(rows);
  assert(last.loss < first.loss - 0.01, `${first.loss} to ${last.loss}`);
  assertEquals(numbersOf(student.parameters), before);
});

Deno.test("Trainer takes the same step with adapters whatever the micro-batches, without dropout", async () => {
  const [whole, parts] = [adapted(), adapted()];
  const rows = tinyRows(6);
  const a = await new Trainer({ student: whole, ...settings }).step(rows);
  const b = await new Trainer({ student: parts, ...settings, microBatchSize: 1 }).step(rows);
  assertAllClose([a.loss, a.gradNorm], [b.loss, b.gradNorm], { rtol: 1e-4 });
});

Deno.test("Trainer leaves no tensor behind after a step with adapters and dropout", async () => {
  const trainer = new Trainer({ student: adapted(1, 0.2), ...settings });
  await trainer.step(tinyRows(4));
  const before = tf.memory().numTensors;
  await trainer.step(tinyRows(4));
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("distill() with adapters and dropout, stopped and resumed, ends in the same bits", async () => {
  const whole = adapted(1, 0.3);
  await finish(runOf(whole));
  const checkpointFolder = await Deno.makeTempDir();
  const controller = new AbortController();
  for await (const event of runOf(adapted(1, 0.3), { checkpointFolder, signal: controller.signal })) {
    if (event.type === "step" && event.step === 3) controller.abort();
  }
  const [checkpoint] = [...Deno.readDirSync(checkpointFolder)].map(({ name }) => name);
  const files = [...Deno.readDirSync(`${checkpointFolder}/${checkpoint}/student`)].map(({ name }) => name).sort();
  assertEquals(files, ["adapter_config.json", "adapter_model.safetensors"]);
  const resumed = adapted(1, 0.3);
  await finish(runOf(resumed, { checkpointFolder, resume: true }));
  assertEquals(numbersOf(resumed.trainable), numbersOf(whole.trainable));
  await assertRejects(() => finish(runOf(adapted(7, 0.3), { checkpointFolder, resume: true })), Error, "student");
});

Deno.test("distill() with dropout differs from one without", async () => {
  const results: ReturnType<typeof numbersOf>[] = [];
  for (const dropout of [0, 0.3]) {
    const student = adapted(1, dropout);
    await finish(runOf(student));
    mergeLora(student);
    results.push(numbersOf(student.parameters));
  }
  assert(results[0].some((numbers, index) => numbers.some((x, i) => Math.abs(x - results[1][index][i]) > 1e-4)));
});

Deno.test("estimateMemory() counts gradients and moments of the adapters alone", () => {
  const batch = { rows: 2, longestRow: 8, positions: 16, keptTokens: 4 };
  const student = adapted();
  const numbers = [...student.trainable.values()].reduce((sum, { size }) => sum + size, 0);
  const { student: whole, gradients, optimizer } = estimateMemory({ student, batch });
  assertEquals([whole, gradients, optimizer], [4 * student.parameterCount, 4 * numbers, 8 * numbers]);
});
