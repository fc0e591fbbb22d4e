import { join } from "node:path";
import fc from "fast-check";
import * as tf from "@tensorflow/tfjs-core";
import type { Row } from "../../lib/batches/row.ts";
import { useEngine } from "../../lib/engines/mod.ts";
import { addLora } from "../../lib/models/lora/add_lora.ts";
import type { LanguageModel } from "../../lib/models/language_model.ts";
import { objective } from "../../lib/objectives/mod.ts";
import { checkpointsIn } from "../../lib/training/run/checkpoint_store.ts";
import { distill, type DistillEvent, type DistillOptions } from "../../lib/training/run/distill.ts";
import { cached } from "../../lib/teachers/cached.ts";
import type { HiddenType } from "../../lib/teachers/hidden_store.ts";
import { trainingBatch } from "../../lib/batches/training_batch.ts";
import { Trainer, type TrainerOptions } from "../../lib/training/step/trainer.ts";
import { keptTeacher } from "../support/kept_teacher.ts";
import { assert, assertAllClose, assertEquals, assertRejects, assertThrows } from "../support/mod.ts";
import { tinyModel, tinyRows } from "../support/tiny_model.ts";

await useEngine("wasm");

const temporary = () => Deno.makeTempDir();
const namesIn = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
const stateFiles = (folder: string) => namesIn(folder).filter((name) => name.endsWith(".states"));

/** A teacher, and how often its states were computed. */
function counted(seed = 2): { teacher: LanguageModel; passes: () => number } {
  const teacher = tinyModel(seed);
  const { states } = teacher;
  let count = 0;
  teacher.states = (...args: Parameters<typeof states>) => {
    count++;
    return states.apply(teacher, args);
  };
  return { teacher, passes: () => count };
}

/** A teacher, and where and how its states are kept. */
interface Kept {
  teacher?: LanguageModel;
  teacherCache?: boolean | string;
  teacherCacheType?: HiddenType;
}

const teacherOf = ({ teacher = tinyModel(2), teacherCache, teacherCacheType }: Kept) =>
  keptTeacher(teacher, teacherCache, teacherCacheType);

/** Opens the folder of a teacher's states, as a run does before its first step. */
const open = ({ teacher = tinyModel(2), teacherCache, teacherCacheType: type }: Kept & { teacherCache: string }) =>
  cached(teacher, { folder: teacherCache, type }).open!({ rows: tinyRows(2), batchSize: 2, seed: 0 });

function trainerOf(
  { teacher, teacherCache, teacherCacheType, ...changes }: Omit<Partial<TrainerOptions>, "teacher"> & Kept,
): Trainer {
  const options = { objective: objective("amid", { alpha: 0.3, lambda: 0.2 }), distillWeight: 0.7, totalSteps: 10 };
  return new Trainer({
    ...options,
    optimizer: { learningRate: 1e-2 },
    ...changes,
    student: changes.student ?? tinyModel(1),
    teacher: teacherOf({ teacher, teacherCache, teacherCacheType }),
  });
}

async function refusal(call: () => Promise<unknown>): Promise<Error> {
  try {
    await call();
  } catch (error) {
    return error as Error;
  }
  throw new Error("nothing was thrown");
}

function runOf(
  { teacher, teacherCache, ...changes }: Omit<Partial<DistillOptions>, "teacher"> & Kept = {},
): AsyncGenerator<DistillEvent, void> {
  return distill({
    student: tinyModel(1),
    teacher: teacherOf({ teacher, teacherCache }),
    rows: tinyRows(10),
    batchSize: 4,
    totalSteps: 9,
    seed: 3,
    objective: objective("amid", { alpha: 0.3, lambda: 0.2 }),
    optimizer: { learningRate: 1e-2 },
    ...changes,
  });
}

async function lossesOf(run: AsyncIterable<DistillEvent>): Promise<number[]> {
  const losses: number[] = [];
  for await (const event of run) if (event.type === "step") losses.push(event.loss, event.gradNorm);
  return losses;
}

Deno.test("distill() ends in the same bits with states in a folder as with states in memory", async () => {
  for (const microBatchSize of [undefined, 3]) {
    const memory = await lossesOf(runOf({ teacherCache: "memory", microBatchSize }));
    assertEquals(await lossesOf(runOf({ teacherCache: await temporary(), microBatchSize })), memory);
    assertEquals(await lossesOf(runOf({ teacherCache: true, microBatchSize })), memory);
  }
});

Deno.test("distill() reads what an earlier run has written, in a folder that is made, and never asks the teacher again", async () => {
  const folder = join(await temporary(), "deep", "states");
  const first = counted();
  const losses = await lossesOf(runOf({ teacher: first.teacher, teacherCache: folder }));
  assertEquals([first.passes(), stateFiles(folder).length], [3, 3]);
  const written = namesIn(folder);
  assertEquals(written, [...stateFiles(folder), "teacher.json"]);
  const again = counted();
  assertEquals(await lossesOf(runOf({ teacher: again.teacher, teacherCache: folder })), losses);
  const other = { student: tinyModel(7), objective: objective("forward-kl"), totalSteps: 20 };
  await lossesOf(runOf({ teacher: again.teacher, teacherCache: folder, ...other }));
  assertEquals([again.passes(), namesIn(folder)], [0, written]);
  // Another seed puts rows into another company, whose last bits are its own.
  await lossesOf(runOf({ teacher: again.teacher, teacherCache: folder, seed: 4 }));
  assertEquals([again.passes(), stateFiles(folder).length], [3, 6]);
});

Deno.test("distill() resumes from a checkpoint in the same bits, with the folder or without it", async () => {
  const whole = await lossesOf(runOf({ teacherCache: await temporary() }));
  for (const kept of [true, false]) {
    const [checkpointFolder, teacherCache] = [await temporary(), await temporary()];
    const controller = new AbortController();
    const stopped = runOf({ checkpointFolder, saveEvery: 2, teacherCache, signal: controller.signal });
    for await (const event of stopped) if (event.type === "step" && event.step === 4) controller.abort();
    assertEquals((await checkpointsIn(checkpointFolder)).length, 1);
    if (!kept) await Deno.remove(teacherCache, { recursive: true });
    const events: DistillEvent[] = [];
    for await (const event of runOf({ checkpointFolder, resume: true, teacherCache })) events.push(event);
    assertEquals(events.filter(({ type }) => type === "warning"), []);
    const rest = events.flatMap((event) => event.type === "step" ? [event.loss, event.gradNorm] : []);
    assertEquals(rest, whole.slice(-rest.length));
  }
});

Deno.test("step() does not depend on micro-batches or the order of rows where states are in a folder", async () => {
  const rows = tinyRows(6, { seed: 4, preamble: true });
  const { loss, gradNorm } = await trainerOf({}).step(rows);
  const teacherCache = await temporary();
  const order = fc.shuffledSubarray(rows, { minLength: rows.length });
  await fc.assert(
    fc.asyncProperty(order, fc.integer({ min: 1, max: 7 }), async (rows, microBatchSize) => {
      const result = await trainerOf({ teacherCache, microBatchSize }).step(rows);
      assertAllClose([result.loss, result.gradNorm], [loss, gradNorm], { atol: 1e-5, rtol: 1e-5 });
    }),
    { numRuns: 6 },
  );
  assertEquals(stateFiles(teacherCache).length, rows.length); // each row alone, whatever the company
});

Deno.test("step() takes a row that comes twice, and rows of one text that differ in their prompt", async () => {
  const [a, b] = tinyRows(2);
  const twin: Row = { ids: a.ids, promptLength: a.promptLength + 1 };
  const rows = [a, b, a, twin];
  const { loss } = await trainerOf({}).step(rows);
  const trainer = trainerOf({ teacherCache: await temporary() });
  assertAllClose([(await trainer.step(rows)).loss], [loss], { atol: 1e-6, rtol: 1e-6 });
});

Deno.test("step() with states of bfloat16 uses the rounded ones from the first step on, in memory and on the disk alike", async () => {
  const rows = tinyRows(4);
  const exact = await trainerOf({}).step(rows);
  const results: number[] = [];
  const teacherCache = await temporary();
  for (const place of ["memory", teacherCache, teacherCache]) {
    const trainer = trainerOf({
      teacherCache: place,
      teacherCacheType: "bfloat16",
      optimizer: { learningRate: 1e-30 },
    });
    for (let step = 0; step < 2; step++) results.push((await trainer.step(rows)).distillLoss);
  }
  assertAllClose(results, results.map(() => results[0]), { atol: 1e-6, rtol: 1e-6 });
  assert(results[0] !== exact.distillLoss, "the states were not rounded");
  assertAllClose([results[0]], [exact.distillLoss], { atol: 0, rtol: 0.02 });
  const size = (folder: string) =>
    stateFiles(folder).reduce((sum, name) => sum + Deno.statSync(join(folder, name)).size, 0);
  const full = await temporary();
  await trainerOf({ teacherCache: full }).step(rows);
  const numbers = 16 * rows.reduce((sum, { ids, promptLength }) => sum + ids.length - promptLength, 0);
  assert(size(full) - size(teacherCache) > 1.9 * numbers, `${size(full)} bytes, ${size(teacherCache)} in bfloat16`);
});

Deno.test("states in a folder take no memory, and step() leaves no tensor behind", async () => {
  const [student, teacher] = [tinyModel(1), tinyModel(2)];
  const before = tf.memory().numTensors;
  const trainer = trainerOf({ student, teacher, teacherCache: await temporary() });
  const made = tf.memory().numTensors;
  for (let step = 0; step < 3; step++) await trainer.step(tinyRows(4));
  assertEquals(tf.memory().numTensors, made);
  trainer.dispose();
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("open() refuses a folder of another teacher, however little it differs, and names both", async () => {
  const folder = await temporary();
  await open({ teacherCache: folder });
  const { teacher: there } = JSON.parse(await Deno.readTextFile(join(folder, "teacher.json")));
  const changed = tinyModel(2);
  const weight = changed.parameters.get("transformer.wte.weight")!;
  const numbers = weight.dataSync().slice();
  numbers[numbers.length - 5] += 1e-4;
  weight.assign(tf.tensor(numbers, weight.shape));
  const adapted = tinyModel(2);
  addLora(adapted);
  for (const teacher of [changed, adapted, tinyModel(3), tinyModel(2, { layer_norm_epsilon: 1e-4 })]) {
    const error = await refusal(() => open({ teacher, teacherCache: folder }));
    assert(error instanceof RangeError && error.message.includes("teacher is"), error.message);
    assert(error.message.includes(there) && error.message.includes(folder), error.message);
    assertEquals(error.message.match(/[0-9a-f]{64}/g)?.length, 2);
  }
  await open({ teacherCache: folder });
});

Deno.test("open() refuses a folder of another type or engine, and a folder of something else", async () => {
  const folder = await temporary();
  await open({ teacherCache: folder });
  const other = () => open({ teacherCache: folder, teacherCacheType: "bfloat16" });
  await assertRejects(other, RangeError, "type is float32 there, bfloat16 here");
  const path = join(folder, "teacher.json");
  await Deno.writeTextFile(path, (await Deno.readTextFile(path)).replace("wasm", "torch"));
  await assertRejects(() => open({ teacherCache: folder }), RangeError, "engine is torch there, wasm here");
  for (const text of ["", "{", "[]", "7", "{}"]) {
    await Deno.writeTextFile(path, text);
    await assertRejects(() => open({ teacherCache: folder }), SyntaxError, path);
  }
  const strange = await temporary();
  await Deno.writeTextFile(join(strange, "essay.txt"), "mine");
  await assertRejects(() => open({ teacherCache: strange }), RangeError, "essay.txt");
  const file = join(strange, "essay.txt");
  await assertRejects(() => open({ teacherCache: file }), Error, file);
  assertEquals(await Deno.readTextFile(file), "mine");
});

Deno.test("step() refuses a file that is damaged, short, empty or of other rows, names it, and makes it again once it is gone", async () => {
  const folder = await temporary();
  const [row, other] = tinyRows(2);
  const expected = await trainerOf({ teacherCache: folder }).step([row]);
  const [name] = stateFiles(folder);
  const path = join(folder, name);
  const bytes = await Deno.readFile(path);
  await trainerOf({ teacherCache: folder }).step([other]);
  const foreign = await Deno.readFile(join(folder, stateFiles(folder).find((each) => each !== name)!));
  const flipped = (at: number) => bytes.map((byte, i) => i === at ? byte ^ 1 : byte);
  const line = bytes.indexOf(10);
  const damaged: Uint8Array<ArrayBuffer>[] = [
    bytes.subarray(0, bytes.length - 3),
    new Uint8Array(),
    new Uint8Array(bytes.length),
    bytes.subarray(0, line),
    flipped(bytes.length - 1),
    flipped(line + 1),
    flipped(0),
    flipped(line),
    flipped(line - 1),
    foreign,
    new Uint8Array([...bytes, 0]),
    new TextEncoder().encode("null\n"),
    new TextEncoder().encode('{"rows":[7]}\n'),
  ];
  for (const content of damaged) {
    await Deno.writeFile(path, content);
    const trainer = trainerOf({ teacherCache: folder });
    const error = await refusal(() => trainer.step([row]));
    assert(error instanceof SyntaxError && error.message.includes("delete the file"), error.message);
    assert(error.message.includes(path), error.message);
    assertEquals(trainer.steps, 0);
  }
  for (let at = 0; at < line; at += 7) {
    await Deno.writeFile(path, flipped(at));
    await assertRejects(() => trainerOf({ teacherCache: folder }).step([row]), SyntaxError, path);
  }
  await Deno.remove(path);
  assertEquals(await trainerOf({ teacherCache: folder }).step([row]), expected);
  assertEquals(await Deno.readFile(path), bytes);
});

Deno.test("step() refuses a file that was written for another teacher", async () => {
  const [ours, theirs] = [await temporary(), await temporary()];
  const [row] = tinyRows(1);
  await trainerOf({ teacherCache: ours }).step([row]);
  await trainerOf({ teacherCache: theirs, teacher: tinyModel(3) }).step([row]);
  await Deno.copyFile(join(theirs, stateFiles(theirs)[0]), join(ours, stateFiles(ours)[0]));
  await assertRejects(() => trainerOf({ teacherCache: ours }).step([row]), SyntaxError, "must be from the teacher");
});

Deno.test("cached() refuses an invalid place or type", () => {
  assertThrows(() => trainerOf({ teacherCache: "" }), RangeError, 'current value is ""');
  assertThrows(
    () => trainerOf({ teacherCache: true, teacherCacheType: "float16" as "bfloat16" }),
    RangeError,
    "current value is float16",
  );
});

Deno.test("cached() begins one folder from several teachers at a time", async () => {
  const folder = await temporary();
  const rows = tinyRows(3);
  const plan = { rows, batchSize: 3, seed: 0 };
  const teachers = [1, 2, 3].map(() => cached(tinyModel(2), { folder }));
  await Promise.all(teachers.map((teacher) => teacher.open!(plan)));
  const batch = { rows, recurring: true, ...trainingBatch(rows) };
  const all = await Promise.all(teachers.map(async (teacher) => {
    const targets = await teacher.prepare(batch);
    return [...targets.logits(0, batch.labels.length).dataSync()];
  }));
  assertEquals(all[1], all[0]);
  assertEquals(namesIn(folder).length, 2); // teacher.json, and the rows as one company
});
