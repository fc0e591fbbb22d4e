import { eventsOf } from "../../support/events.ts";
import { assert, assertAllClose, assertEquals, assertRejects } from "../../support/mod.ts";
import { useEngine } from "../../../lib/engines/mod.ts";
import { validationLoss } from "../../../lib/training/run/validation_loss.ts";
import type { LanguageModel } from "../../../lib/models/language_model.ts";
import { objective } from "../../../lib/objectives/mod.ts";
import { distill, type DistillEvent, type DistillOptions } from "../../../lib/training/run/distill.ts";
import { tinyModel, tinyRows } from "../../support/tiny_model.ts";

await useEngine("wasm");

function runOf(student: LanguageModel, changes: Partial<DistillOptions> = {}): AsyncGenerator<DistillEvent, void> {
  return distill({
    student,
    teacher: tinyModel(2),
    objective: objective("amid", { alpha: 0, lambda: 0.1 }),
    rows: tinyRows(10),
    batchSize: 4,
    totalSteps: 7,
    seed: 3,
    optimizer: { learningRate: 1e-2 },
    ...changes,
  });
}

const parametersOf = (model: LanguageModel) => [...model.parameters.values()].map((parameter) => parameter.dataSync());

Deno.test("distill() yields start, every step, validations and checkpoints in their order", async () => {
  const student = tinyModel(1);
  const validRows = tinyRows(3, { seed: 9 });
  const checkpointFolder = await Deno.makeTempDir();
  const events = await eventsOf(runOf(student, { validRows, validateEvery: 3, saveEvery: 4, checkpointFolder }));
  const seen = events.map(({ type, step }) => `${type} ${step}`);
  assertEquals(seen, [
    "start 0",
    "step 1",
    "step 2",
    "step 3",
    "validation 3",
    "step 4",
    "checkpoint 4",
    "step 5",
    "step 6",
    "validation 6",
    "step 7",
    "validation 7",
    "checkpoint 7",
  ]);
  const last = events.at(-2)!;
  assert(last.type === "validation");
  assertAllClose(last.validLoss, await validationLoss(student, validRows));
  const epochs = events.flatMap((event) => event.type === "step" ? [event.epoch] : []);
  assertEquals(epochs, [0, 0, 0, 1, 1, 1, 2]); // ten rows by four are three batches
});

Deno.test("distill() that was stopped and resumed ends in the same bits as one that was not", async () => {
  const whole = tinyModel(1);
  const expected = await eventsOf(runOf(whole));
  for (const stopAfter of [0, 1, 4]) {
    const checkpointFolder = await Deno.makeTempDir();
    const controller = new AbortController();
    const first = runOf(tinyModel(1), { checkpointFolder, signal: controller.signal });
    const seen: DistillEvent[] = [];
    if (stopAfter === 0) controller.abort();
    for await (const event of first) {
      seen.push(event);
      if (event.type === "step" && event.step === stopAfter) controller.abort();
    }
    assertEquals(seen.at(-1)!.type, "stopped");
    assertEquals(seen.at(-1)!.step, stopAfter);
    const resumed = tinyModel(8); // other weights, which the checkpoint replaces
    seen.push(...await eventsOf(runOf(resumed, { checkpointFolder, resume: true })));
    const losses = (events: DistillEvent[]) => events.flatMap((event) => event.type === "step" ? [event.loss] : []);
    assertEquals(losses(seen), losses(expected));
    assertEquals(parametersOf(resumed), parametersOf(whole));
  }
});

Deno.test("distill() keeps one whole checkpoint, and sweeps away what a killed save left", async () => {
  const checkpointFolder = await Deno.makeTempDir();
  await Deno.mkdir(`${checkpointFolder}/step-00000009.partial/student`, { recursive: true });
  await eventsOf(runOf(tinyModel(1), { checkpointFolder, saveEvery: 2 }));
  const names = [...Deno.readDirSync(checkpointFolder)].map(({ name }) => name).sort();
  assertEquals(names, ["step-00000007"]);
  const events = await eventsOf(runOf(tinyModel(1), { checkpointFolder, resume: true }));
  assertEquals(events[0].step, 7);
});

Deno.test("distill() leaves the checkpoint before as it was when one cannot be written", async () => {
  const checkpointFolder = await Deno.makeTempDir();
  await eventsOf(runOf(tinyModel(1), { checkpointFolder, saveEvery: 2, totalSteps: 3 }));
  await Deno.writeTextFile(`${checkpointFolder}/step-00000004.partial`, "a file where a folder is to be made");
  const state = await Deno.readTextFile(`${checkpointFolder}/step-00000003/trainer.json`);
  const { promise, resolve } = Promise.withResolvers<void>();
  const blocked = runOf(tinyModel(1), {
    checkpointFolder: `${checkpointFolder}/step-00000003/trainer.json`,
    saveEvery: 1,
  });
  eventsOf(blocked).catch(() => resolve());
  await promise;
  assertEquals(await Deno.readTextFile(`${checkpointFolder}/step-00000003/trainer.json`), state);
});

Deno.test("distill() refuses a checkpoint of another model, naming the difference", async () => {
  const checkpointFolder = await Deno.makeTempDir();
  await eventsOf(runOf(tinyModel(1), { checkpointFolder, saveEvery: 2, totalSteps: 2 }));
  const other = runOf(tinyModel(1, { n_embd: 8 }), { checkpointFolder, resume: true, totalSteps: 2 });
  await assertRejects(() => eventsOf(other), RangeError, "student.n_embd is 16 there, 8 here");
});

Deno.test("validationLoss() is the mean over tokens, however rows are batched", async () => {
  const model = tinyModel(1);
  const rows = tinyRows(9);
  const one = await validationLoss(model, rows, { batchSize: 1 });
  assertAllClose(await validationLoss(model, rows, { batchSize: 4 }), one);
  assertAllClose(await validationLoss(model, [...rows, ...rows]), one);
  await assertRejects(() => validationLoss(model, []), RangeError, "current count is 0");
});
