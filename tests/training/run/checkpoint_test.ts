import { useEngine } from "../../../lib/engines/mod.ts";
import { objective } from "../../../lib/objectives/mod.ts";
import { checkpointsIn } from "../../../lib/training/run/checkpoint_store.ts";
import { distill, type DistillEvent, type DistillOptions } from "../../../lib/training/run/distill.ts";
import { keptTeacher } from "../../support/kept_teacher.ts";
import { eventsOf } from "../../support/events.ts";
import { assert, assertEquals, assertRejects } from "../../support/mod.ts";
import { tinyModel, tinyRows } from "../../support/tiny_model.ts";

await useEngine("wasm");

/** A run with every part that has state. */
function runOf(changes: Partial<DistillOptions> = {}): AsyncGenerator<DistillEvent, void> {
  return distill({
    student: tinyModel(1),
    teacher: keptTeacher(tinyModel(2), true),
    rows: tinyRows(10),
    batchSize: 2,
    seed: 3,
    totalSteps: 12,
    objective: objective("amid"),
    alpha: { name: "linear", from: -1, to: 1 },
    lambda: { name: "adaptive", from: 0.2, to: 0.9 },
    temperature: { name: "cosine", from: 2, to: 1 },
    distillWeight: 0.9,
    textRows: tinyRows(5, { seed: 8 }),
    textWeight: 0.3,
    textBatchSize: 2,
    averageDecay: 0.8,
    policy: { name: "adaptive", threshold: 0.7, replay: "constant" },
    replayCapacity: 3,
    validRows: tinyRows(3, { seed: 9 }),
    validateEvery: 4,
    responses: { maxNewTokens: 3 },
    optimizer: { learningRate: 1e-2 },
    ...changes,
  });
}

/** What a run does, without what clocks and places say. */
const told = (events: DistillEvent[]) =>
  events.filter(({ type }) => type === "step" || type === "validation").map((event) => ({ ...event, seconds: 0 }));

/** A folder with the checkpoints of the steps 2, 4, … of a run that was stopped after eight of its twelve steps. */
async function stoppedRun(changes: Partial<DistillOptions> = {}): Promise<string> {
  const checkpointFolder = await Deno.makeTempDir();
  const controller = new AbortController();
  for await (
    const event of runOf({ checkpointFolder, saveEvery: 2, keepLast: 3, signal: controller.signal, ...changes })
  ) {
    if (event.type === "step" && event.step === 8) controller.abort();
  }
  return checkpointFolder;
}

const bytesOf = (path: string) => Deno.readFile(path);
const namesIn = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();

async function copyFolder(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for (const { name, isDirectory } of Deno.readDirSync(from)) {
    await (isDirectory ? copyFolder : Deno.copyFile)(`${from}/${name}`, `${to}/${name}`);
  }
}

async function damage(path: string, how: "cut" | "flip" | "remove"): Promise<void> {
  if (how === "remove") return await Deno.remove(path);
  const bytes = await bytesOf(path);
  if (how === "cut") return await Deno.writeFile(path, bytes.subarray(0, bytes.length - 3));
  bytes[bytes.length >> 1] ^= 1;
  await Deno.writeFile(path, bytes);
}

Deno.test("distill() with every part that has state continues, from each checkpoint, as if it had never stopped", async () => {
  const averageFolder = await Deno.makeTempDir();
  const student = tinyModel(1);
  const whole = await eventsOf(runOf({ student, averageFolder }));
  const sources = new Set(whole.flatMap((event) => event.type === "step" ? [event.source] : []));
  assertEquals([...sources].sort(), ["buffer", "corpus", "student"]);
  const checkpointFolder = await stoppedRun();
  for (const path of await checkpointsIn(checkpointFolder)) {
    const step = Number(path.slice(-8));
    const resumed = tinyModel(5);
    const folder = await Deno.makeTempDir();
    await Deno.rename(path, `${folder}/step-${path.slice(-8)}`);
    const average = await Deno.makeTempDir();
    const events = await eventsOf(runOf({
      student: resumed,
      checkpointFolder: folder,
      resume: true,
      averageFolder: average,
    }));
    assertEquals(told(events), told(whole).filter((event) => event.step > step));
    for (const [name, parameter] of student.parameters) {
      assertEquals(resumed.parameters.get(name)!.dataSync(), parameter.dataSync());
    }
    const [a, b] = await Promise.all([averageFolder, average].map((at) => bytesOf(`${at}/model.safetensors`)));
    assertEquals(a, b);
  }
});

Deno.test("distill() keeps the last checkpoints and the best, and reports which is the best", async () => {
  const checkpointFolder = await Deno.makeTempDir();
  const policy = { name: "off" as const };
  // The learning rate is such that the loss falls at first and rises later.
  const optimizer = { learningRate: 0.3 };
  const events = await eventsOf(runOf({
    checkpointFolder,
    saveEvery: 3,
    keepLast: 2,
    keepBest: true,
    validateEvery: 1,
    policy,
    optimizer,
    schedule: { name: "polynomial", warmupSteps: 8 },
  }));
  const losses = events.flatMap((event) => event.type === "validation" ? [event] : []);
  const best = losses.reduce((best, event) => event.validLoss < best.validLoss ? event : best);
  const saved = events.flatMap((event) => event.type === "checkpoint" ? [event] : []);
  assertEquals(saved.findLast((event) => event.best)!.step, best.step);
  const kept = new Set([best.step, ...saved.slice(-2).map(({ step }) => step)]);
  const names = [...kept].sort((a, b) => a - b).map((step) => `step-${String(step).padStart(8, "0")}`);
  assertEquals(namesIn(checkpointFolder), names);
  assert(best.step < 9, `the best step is ${best.step}, not among the last two`);
});

Deno.test("distill() keeps the best checkpoint of a run that never betters its start", async () => {
  const checkpointFolder = await Deno.makeTempDir();
  const worsening = {
    optimizer: { learningRate: 0.5 },
    schedule: { name: "constant" as const },
    policy: { name: "adaptive" as const },
    validateEvery: 2,
  };
  const events = await eventsOf(runOf({ ...worsening, checkpointFolder, saveEvery: 12, keepBest: true }));
  const losses = events.flatMap((event) => event.type === "validation" ? [event.validLoss] : []);
  assert(losses.slice(1).every((loss) => loss > losses[0]), `${losses}`);
  const best = 2 * (1 + losses.slice(1).indexOf(Math.min(...losses.slice(1))));
  assertEquals(namesIn(checkpointFolder).includes(`step-${String(best).padStart(8, "0")}`), true);
});

Deno.test("distill() refuses a checkpoint of another run, naming what differs", async () => {
  const checkpointFolder = await stoppedRun({ settings: { order: "pr" } });
  const cases: [Partial<DistillOptions>, string][] = [
    [{ settings: { order: "qr" } }, "order is pr there, qr here"],
    [{ optimizer: { learningRate: 2e-2 } }, "optimizer.learningRate is 0.01 there, 0.02 here"],
    [{ totalSteps: 7 }, "8 steps have been taken, the run must have at least that many, current value is 7"],
    [{ rows: tinyRows(11) }, "rows is 10 rows of hash"],
    [{ teacher: tinyModel(3) }, "teacher.weights is of hash"],
    [{ student: tinyModel(1, { n_layer: 1 }) }, "student.n_layer is 2 there, 1 here"],
    [{ alpha: 0 }, "alpha is absent there, 0 here"],
    [{ policy: { name: "on" } }, "policy.name is adaptive there, on here"],
    [{ replayCapacity: 4 }, "replayCapacity is 3 there, 4 here"],
    [{ textRows: tinyRows(4) }, "textRows is 5 rows of hash"],
    [{ averageDecay: undefined }, "averageDecay is 0.8 there, absent here"],
  ];
  const before = namesIn(checkpointFolder);
  for (const [changes, part] of cases) {
    const run = runOf({ settings: { order: "pr" }, ...changes, checkpointFolder, resume: true });
    await assertRejects(() => eventsOf(run), RangeError, part);
  }
  assertEquals(namesIn(checkpointFolder), before);
});

Deno.test("distill() resumes with other micro-batches, and warns that the bits may differ", async () => {
  const checkpointFolder = await stoppedRun();
  const events = await eventsOf(runOf({ checkpointFolder, resume: true, microBatchSize: 1 }));
  const warnings = events.flatMap((event) => event.type === "warning" ? [event.message] : []);
  assertEquals(warnings.length, 1);
  assert(warnings[0].includes("microBatchSize is absent there, 1 here"));
});

Deno.test("distill() names the broken file of a checkpoint; with auto it resumes from the one before, with a warning", async () => {
  const whole = await eventsOf(runOf());
  const files = [
    "student/model.safetensors",
    "optimizer.safetensors",
    "average.safetensors",
    "trainer.json",
    "run.json",
    "replay.json",
    "student/config.json",
    "manifest.json",
  ];
  const original = await stoppedRun();
  for (const [index, file] of files.entries()) {
    const checkpointFolder = await Deno.makeTempDir();
    await copyFolder(original, checkpointFolder);
    const path = `${checkpointFolder}/step-00000008/${file}`;
    await damage(path, (["cut", "flip", "remove"] as const)[file === "manifest.json" ? 0 : index % 3]);
    await assertRejects(() => eventsOf(runOf({ checkpointFolder, resume: true })), SyntaxError, path);
    const last = index > 0 ? { signal: AbortSignal.abort() } : {}; // one run to its end will do
    const events = await eventsOf(runOf({ checkpointFolder, resume: "auto", keepLast: 3, ...last }));
    assertEquals(events[0].step, 6);
    const [warning] = events.flatMap((event) => event.type === "warning" ? [event.message] : []);
    assert(warning.includes(path) && warning.includes("step-00000008.broken"), warning);
    if (index === 0) assertEquals(told(events), told(whole).filter(({ step }) => step > 6));
  }
});

Deno.test("distill() with auto begins where there is no checkpoint, and stops where all are broken", async () => {
  const empty = await Deno.makeTempDir();
  const [start] = await eventsOf(runOf({ checkpointFolder: `${empty}/new`, resume: "auto" }));
  assertEquals([start.type, start.step], ["start", 0]);
  const checkpointFolder = await stoppedRun();
  for (const path of await checkpointsIn(checkpointFolder)) await damage(`${path}/trainer.json`, "cut");
  const before = namesIn(checkpointFolder);
  await assertRejects(
    () => eventsOf(runOf({ checkpointFolder, resume: "auto" })),
    SyntaxError,
    `no checkpoint in ${checkpointFolder} is intact`,
  );
  assertEquals(namesIn(checkpointFolder), before);
});

Deno.test("distill() refuses to begin among the checkpoints of another run", async () => {
  const checkpointFolder = await stoppedRun();
  await assertRejects(() => eventsOf(runOf({ checkpointFolder })), RangeError, "must have no checkpoints, it has 3");
});

Deno.test("distill() sweeps away what a save or a deletion left that was killed", async () => {
  const checkpointFolder = await stoppedRun();
  for (const name of ["step-00000010.partial", "step-00000002.removed"]) {
    await Deno.mkdir(`${checkpointFolder}/${name}/student`, { recursive: true });
  }
  const [start] = await eventsOf(runOf({ checkpointFolder, resume: true, saveEvery: "never" }));
  assertEquals(start.step, 8);
  assertEquals(namesIn(checkpointFolder), ["step-00000004", "step-00000006", "step-00000008"]);
});

Deno.test("distill() returns, on resuming, how far the metrics went", async () => {
  let lines = 0;
  const checkpointFolder = await Deno.makeTempDir();
  const options = { checkpointFolder, saveEvery: 5, metricsOffset: () => lines };
  for await (const { type } of runOf(options)) if (type === "step" || type === "validation") lines += 1;
  const [start] = await eventsOf(runOf({ ...options, resume: true }));
  assert(start.type === "start");
  assertEquals([start.step, start.metricsOffset], [12, 12 + 4]); // validations before the first step and after 4, 8 and 12
});

Deno.test("distill() never saves a checkpoint with a weight that is not finite, and names it", async () => {
  const checkpointFolder = await Deno.makeTempDir();
  const run = runOf({ checkpointFolder, saveEvery: 1, optimizer: { learningRate: 1e39 } });
  await assertRejects(
    () => eventsOf(run),
    RangeError,
    "Cannot save a checkpoint of step 1, for the student's parameter",
  );
  assertEquals(namesIn(checkpointFolder), []);
});
