import { useEngine } from "../../../lib/engines/mod.ts";
import { objective } from "../../../lib/objectives/mod.ts";
import { cached } from "../../../lib/teachers/cached.ts";
import { distill, type DistillEvent, type DistillOptions } from "../../../lib/training/run/distill.ts";
import { learningRateAt } from "../../../lib/training/optimizer/learning_rate.ts";
import { eventsOf } from "../../support/events.ts";
import { assert, assertEquals, assertRejects } from "../../support/mod.ts";
import { tinyModel, tinyRows } from "../../support/tiny_model.ts";

await useEngine("wasm");

/** A run with every part that has state, and nothing that depends on its length. */
const runOf = (changes: Partial<DistillOptions> = {}) =>
  distill({
    student: tinyModel(1),
    teacher: cached(tinyModel(2)),
    rows: tinyRows(10),
    batchSize: 2,
    totalSteps: 14,
    seed: 3,
    objective: objective("amid", { alpha: 0, lambda: 0.3 }),
    temperature: 2,
    distillWeight: 0.9,
    textRows: tinyRows(5, { seed: 8 }),
    textWeight: 0.3,
    textBatchSize: 2,
    averageDecay: 0.8,
    policy: { name: "adaptive", threshold: 0.8, replay: "constant", tolerance: 0 },
    replayCapacity: 3,
    validRows: tinyRows(3, { seed: 9 }),
    validateEvery: 4,
    responses: { maxNewTokens: 3 },
    optimizer: { learningRate: 1e-2 },
    schedule: { name: "constant", warmupSteps: 3 },
    ...changes,
  });

const steps = (events: DistillEvent[]) =>
  events.flatMap((event) => event.type === "step" ? [{ ...event, seconds: 0 }] : []);
const warnings = (events: DistillEvent[]) => events.flatMap((event) => event.type === "warning" ? [event.message] : []);

Deno.test("distill() lengthens a run that ended or was stopped, to the bits of one that had that length from the start", async () => {
  const student = tinyModel(1);
  const whole = await eventsOf(runOf({ student, averageFolder: await Deno.makeTempDir() }));
  const sources = new Set(steps(whole).map(({ source }) => source));
  assertEquals([...sources].sort(), ["buffer", "corpus", "student"]);
  // 6 and 7 are no multiples of validateEvery: the validation at the end is one that the longer run does not take.
  const cases: { length: number; stopAt?: number; noam?: boolean }[] = [
    { length: 6 },
    { length: 7, stopAt: 5 },
    { length: 8 },
    { length: 7, noam: true },
  ];
  for (const { length, stopAt, noam } of cases) {
    const schedule = noam ? { schedule: { name: "noam", warmupSteps: 3 } as const } : {};
    const expected = noam ? await eventsOf(runOf(schedule)) : whole;
    const checkpointFolder = await Deno.makeTempDir();
    const stop = new AbortController();
    for await (const event of runOf({ ...schedule, checkpointFolder, totalSteps: length, signal: stop.signal })) {
      if (event.step === stopAt) stop.abort();
    }
    const longer = tinyModel(5);
    const events = await eventsOf(runOf({ ...schedule, student: longer, checkpointFolder, resume: true }));
    const from = stopAt ?? length;
    assertEquals([events[0].type, events[0].step], ["start", from]);
    assertEquals(steps(events), steps(expected).filter(({ step }) => step > from));
    assertEquals(warnings(events), [
      `the run, planned for ${length} steps, continues to 14: schedules span 14 steps from here on`,
    ]);
    if (noam) continue;
    for (const [name, parameter] of student.parameters) {
      assertEquals(longer.parameters.get(name)!.dataSync(), parameter.dataSync());
    }
  }
});

Deno.test("distill() lengthens a run twice, a step at a time", async () => {
  const [whole, parts] = [tinyModel(1), tinyModel(1)];
  await eventsOf(runOf({ student: whole, totalSteps: 4 }));
  const checkpointFolder = await Deno.makeTempDir();
  for (const totalSteps of [2, 3, 4]) {
    await eventsOf(runOf({ student: parts, totalSteps, checkpointFolder, resume: true }));
  }
  for (const [name, parameter] of whole.parameters) {
    assertEquals(parts.parameters.get(name)!.dataSync(), parameter.dataSync());
  }
});

Deno.test("distill() reports which numbers a new length changes: schedules span it", async () => {
  const cosine = { schedule: { name: "cosine", minimum: 1e-4 } as const };
  const lambda = { lambda: { name: "linear", from: 0, to: 1 } as const };
  const changes: Partial<DistillOptions> = {
    ...cosine,
    ...lambda,
    objective: objective("taid"),
  };
  const checkpointFolder = await Deno.makeTempDir();
  await eventsOf(runOf({ ...changes, totalSteps: 6, checkpointFolder }));
  const events = await eventsOf(runOf({ ...changes, totalSteps: 12, checkpointFolder, resume: true }));
  const [first] = steps(events);
  assertEquals(first.learningRate, learningRateAt(6, { ...cosine.schedule, peak: 1e-2, totalSteps: 12 }));
  assertEquals(warnings(events), [
    "the run, planned for 6 steps, continues to 12: schedules span 12 steps from here on; learningRate is 0.00505 at the " +
    "next step, it would have been 0.0001; lambda is 0.5 at the next step, it would have been 1",
  ]);
});

Deno.test("distill() shortens a run to no fewer steps than were taken", async () => {
  const checkpointFolder = await Deno.makeTempDir();
  const stop = new AbortController();
  for await (const event of runOf({ checkpointFolder, signal: stop.signal })) if (event.step === 6) stop.abort();
  await assertRejects(
    () => eventsOf(runOf({ checkpointFolder, resume: true, totalSteps: 5 })),
    RangeError,
    "step-00000006: 6 steps have been taken, the run must have at least that many, current value is 5",
  );
  const ended = await eventsOf(runOf({ checkpointFolder, resume: true, totalSteps: 6 }));
  assertEquals(warnings(ended), ["the run, planned for 14 steps, continues to 6, which have been taken"]);
  const events = await eventsOf(runOf({ checkpointFolder, resume: true, totalSteps: 9 }));
  assertEquals(steps(events).map(({ step }) => step), [7, 8, 9]);
  assert(warnings(events)[0].includes("planned for 14 steps, continues to 9"));
});
