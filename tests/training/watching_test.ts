import fc from "fast-check";
import * as tf from "@tensorflow/tfjs-core";
import { useEngine } from "../../lib/engines/mod.ts";
import { type GapMeasures, gapMeasures, gapNames } from "../../lib/objectives/gap_measures.ts";
import { objective } from "../../lib/objectives/mod.ts";
import { distill, type DistillEvent, type DistillOptions } from "../../lib/training/run/distill.ts";
import { runMemory } from "../../lib/training/memory/run_memory.ts";
import { Trainer, type TrainerOptions } from "../../lib/training/step/trainer.ts";
import { keptTeacher } from "../support/kept_teacher.ts";
import { assert, assertAllClose, assertEquals, assertThrows } from "../support/mod.ts";
import { textbookMean } from "../support/textbook_step.ts";
import { tinyModel, tinyRows } from "../support/tiny_model.ts";

await useEngine("wasm");

const mixture = { alpha: 0.3, lambda: 0.2 };
const amid = objective("amid", mixture);

function trainerOf(changes: Partial<TrainerOptions> = {}): Trainer {
  const options = { objective: amid, totalSteps: 10, measureEvery: 1, optimizer: { learningRate: 1e-2 } };
  return new Trainer({ ...options, student: tinyModel(1), teacher: tinyModel(2, { n_layer: 1 }), ...changes });
}

const listed = (measures: GapMeasures): number[] => gapNames({ assistant: mixture }).map((name) => measures[name]!);

for (const preamble of [false, true]) {
  const kind = preamble ? "rows of one template" : "rows of no template";
  Deno.test(`step() measures the textbook means, whatever micro-batches, chunks, order and cache, for ${kind}`, async () => {
    const rows = tinyRows(6, { seed: 4, preamble });
    const models = { student: tinyModel(1), teacher: tinyModel(2, { n_layer: 1 }) };
    const expected = gapNames({ assistant: mixture }).map((name) =>
      textbookMean(models, { rows, perToken: (logits) => gapMeasures(logits, { assistant: mixture })[name]! })
        .dataSync()[0]
    );
    const variants = fc.record({
      microBatchSize: fc.integer({ min: 1, max: 7 }),
      chunkSize: fc.constantFrom(1, 7, 64, 1000),
      teacher: fc.boolean().map((kept) => keptTeacher(tinyModel(2, { n_layer: 1 }), kept)),
      distillWeight: fc.constantFrom(0.3, 1),
    });
    const order = fc.shuffledSubarray(rows, { minLength: rows.length });
    await fc.assert(
      fc.asyncProperty(variants, order, async (changes, rows) => {
        const trainer = trainerOf(changes);
        const { measures } = await trainer.step(rows);
        trainer.dispose();
        assertAllClose(listed(measures!), expected, { atol: 1e-5, rtol: 1e-4 });
      }),
      { numRuns: 8 },
    );
  });
}

Deno.test("step() measures every n-th step, changes nothing by it, and leaves no tensor behind", async () => {
  const rows = tinyRows(5);
  const [with_, without] = [trainerOf({ measureEvery: 3 }), trainerOf({ measureEvery: "never" })];
  const seen: boolean[] = [];
  const before = tf.memory().numTensors;
  for (let step = 0; step < 7; step++) {
    const { measures, ...result } = await with_.step(rows);
    seen.push(measures !== undefined);
    assertEquals(result, await without.step(rows));
  }
  assertEquals(seen, [true, false, false, true, false, false, true]);
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("step() measures nothing of an absent assistant, and nothing at all without a teacher's weight", async () => {
  const { measures } = await trainerOf({ objective: objective("forward-kl") }).step(tinyRows(3));
  assertEquals(Object.keys(measures!).sort(), ["agreement", "klTeacherStudent", "studentEntropy", "teacherEntropy"]);
  assertEquals((await trainerOf({ distillWeight: 0 }).step(tinyRows(3))).measures, undefined);
  assertThrows(() => trainerOf({ measureEvery: 0.5 }), RangeError, "measureEvery");
});

async function eventsOf(changes: Partial<DistillOptions>): Promise<DistillEvent[]> {
  const events: DistillEvent[] = [];
  const models = { student: tinyModel(1), teacher: tinyModel(2) };
  const options = { rows: tinyRows(8), batchSize: 4, totalSteps: 5, optimizer: { learningRate: 1e-2 } };
  for await (const event of distill({ ...models, objective: amid, ...options, ...changes })) events.push(event);
  return events;
}

Deno.test("distill() has the measures among the metrics of its steps", async () => {
  const steps = (await eventsOf({ measureEvery: 2 })).filter((event) => event.type === "step");
  assertEquals(steps.map(({ metrics }) => metrics !== undefined && "klTeacherAssistant" in metrics), [
    true,
    false,
    true,
    false,
    true,
  ]);
});

Deno.test("distill() samples the same prompts at each interval, with the same draws each time", async () => {
  const sampleRows = tinyRows(2, { seed: 7 });
  const options = { sampleRows, sampleEvery: 2, optimizer: { learningRate: 0 }, responses: { maxNewTokens: 4 } };
  for (const sampleTemperature of [0, 1]) {
    const samples = (await eventsOf({ ...options, sampleTemperature })).filter((event) => event.type === "sample");
    assertEquals(samples.map(({ step }) => step), [2, 4, 5]);
    for (const { samples: [first, second] } of samples) {
      assertEquals(first.ids.slice(0, first.promptLength), sampleRows[0].ids.slice(0, sampleRows[0].promptLength));
      assertEquals([first, second], samples[0].samples); // the student stands still, so its answers do
    }
  }
});

Deno.test("distill() warns before the first step where it will need more memory than there is", async () => {
  const [start, warning, ...rest] = await eventsOf({ availableMemory: 1000 });
  assertEquals([start.type, warning.type], ["start", "warning"]);
  assert(warning.type === "warning" && /about 0\.0 GB of memory .* 0\.0 GB are available/.test(warning.message));
  assertEquals(rest.some(({ type }) => type === "warning"), false);
  assert((await eventsOf({ availableMemory: 1e9 })).every(({ type }) => type !== "warning"));
});

Deno.test("runMemory() counts the responses that the student may write, and what is kept of the teacher", () => {
  const run: DistillOptions = {
    student: tinyModel(1),
    teacher: tinyModel(2),
    objective: amid,
    rows: tinyRows(8),
    batchSize: 4,
    totalSteps: 5,
    optimizer: { learningRate: 1e-2 },
  };
  const off = runMemory(run);
  assert(runMemory({ ...run, policy: { name: "on" } }).activations > off.activations);
  const shorter = runMemory({ ...run, policy: { name: "on" }, responses: { maxNewTokens: 2 } });
  assert(shorter.activations < runMemory({ ...run, policy: { name: "on" } }).activations);
  const kept = run.rows.reduce((sum, { ids, promptLength }) => sum + ids.length - promptLength, 0);
  assertEquals(runMemory({ ...run, teacher: keptTeacher(tinyModel(2), true) }).teacherCache, 4 * 16 * kept);
  assert(runMemory({ ...run, microBatchSize: 1 }).peak < off.peak);
  assertEquals(runMemory({ ...run, microBatchSize: 1 }).gradients, 2 * off.gradients);
});
