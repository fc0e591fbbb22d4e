/** Teachers that are made of several. */
import * as tf from "@tensorflow/tfjs-core";
import { alphaMixture } from "../../lib/assistants/mod.ts";
import type { Row } from "../../lib/batches/row.ts";
import { keptTokens, trainingBatch } from "../../lib/batches/training_batch.ts";
import { useEngine } from "../../lib/engines/mod.ts";
import type { LanguageModel } from "../../lib/models/language_model.ts";
import { objective } from "../../lib/objectives/mod.ts";
import { cached } from "../../lib/teachers/cached.ts";
import { localTeacher } from "../../lib/teachers/local_teacher.ts";
import { mixedTeacher } from "../../lib/teachers/mixed_teacher.ts";
import { sparse } from "../../lib/teachers/sparse.ts";
import type { DenseTargets, Teacher } from "../../lib/teachers/teacher.ts";
import { teacherPerRow } from "../../lib/teachers/teacher_per_row.ts";
import { runMemory } from "../../lib/training/memory/run_memory.ts";
import { distill, type DistillOptions, type StepEvent } from "../../lib/training/run/distill.ts";
import { Trainer } from "../../lib/training/step/trainer.ts";
import { assert, assertAllClose, assertEquals, assertRejects, assertThrows } from "../support/mod.ts";
import { logSoftmax } from "../divergences/reference.ts";
import { TINY_VOCABULARY, tinyModel, tinyRows } from "../support/tiny_model.ts";

await useEngine("wasm");

const models = [2, 3, 4].map((seed) => tinyModel(seed));
const batchOf = (rows: Row[]) => ({ rows, recurring: true, ...trainingBatch(rows) });

/** A teacher's log-probabilities for all of a batch's tokens, in the order of the tokens. */
async function logProbsOf(teacher: LanguageModel | Teacher, rows: Row[]): Promise<number[][]> {
  const targets = await ("prepare" in teacher ? teacher : localTeacher(teacher)).prepare(batchOf(rows)) as DenseTargets;
  const count = batchOf(rows).labels.length;
  const parts = [targets.logits(0, 3), targets.logits(3, count - 3)].flatMap((part) => part.arraySync());
  targets.dispose();
  return parts.map(logSoftmax);
}

/** The mixture of some log-probabilities by its definition, in float64. */
function mixture(logProbs: number[][], { alpha, weights }: { alpha: number; weights: number[] }): number[] {
  const sum = weights.reduce((total, weight) => total + weight, 0), e = (1 - alpha) / 2;
  return logSoftmax(logProbs[0].map((_, token) => {
    const all = logProbs.map((each) => each[token]);
    if (!Number.isFinite(alpha)) return alpha < 0 ? Math.max(...all) : Math.min(...all);
    const geometric = all.reduce((mean, logProb, i) => mean + weights[i] / sum * logProb, 0);
    if (e === 0) return geometric;
    return Math.log(all.reduce((total, logProb, i) => total + weights[i] / sum * Math.exp(e * logProb), 0)) / e;
  }));
}

Deno.test("mixedTeacher() is the α-mixture of three teachers' distributions in float64, at every order", async () => {
  const rows = tinyRows(3);
  const weights = [1, 0.5, 2.5];
  const each = await Promise.all(models.map((model) => logProbsOf(model, rows)));
  for (const alpha of [-Infinity, -5, -3, -1, 0, 0.3, 1, 1.5, 3, Infinity]) {
    const found = await logProbsOf(mixedTeacher(models, { alpha, weights }), rows);
    found.forEach((logProbs, token) => {
      const expected = mixture(each.map((one) => one[token]), { alpha, weights });
      assertAllClose(logProbs, expected, { atol: 5e-5, rtol: 5e-5 });
    });
  }
});

Deno.test("mixedTeacher() of two is alphaMixture() of them, and leaves tokens out that both exclude", async () => {
  const rows = tinyRows(2);
  const [p, q] = await Promise.all(models.slice(0, 2).map((model) => logProbsOf(model, rows)));
  const found = await logProbsOf(mixedTeacher(models.slice(0, 2), { alpha: 0.5, weights: [3, 1] }), rows);
  const expected = alphaMixture(tf.tensor2d(p), tf.tensor2d(q), { alpha: 0.5, lambda: 0.75 });
  assertAllClose(found.flat(), expected, { atol: 2e-5 });

  const inner = localTeacher(models[0]);
  const closed: Teacher = {
    ...inner,
    vocabularySize: TINY_VOCABULARY,
    async prepare(batch) {
      const targets = await inner.prepare(batch);
      const mask = tf.tensor1d(Array.from({ length: TINY_VOCABULARY }, (_, id) => id === 7 ? -Infinity : 0));
      return {
        ...targets,
        logits: (start, size) => tf.tidy(() => tf.add(targets.logits(start, size), mask)) as tf.Tensor2D,
      };
    },
  };
  const both = await logProbsOf(mixedTeacher([closed, closed]), rows);
  assert(both.every((logProbs) => logProbs[7] === -Infinity && logProbs[8] > -50));
  const one = await logProbsOf(mixedTeacher([closed, models[1]]), rows);
  one.forEach((logProbs, token) => assertAllClose(logProbs[7], q[token][7] - Math.LN2, { atol: 1e-4 }));
});

Deno.test("mixedTeacher() never asks a teacher of weight 0, and the others' weights decide nothing but ratios", async () => {
  const rows = tinyRows(2);
  const silent: Teacher = {
    ...localTeacher(models[2]),
    vocabularySize: TINY_VOCABULARY,
    prepare: () => Promise.reject(),
  };
  const found = await logProbsOf(mixedTeacher([models[0], models[1], silent], { weights: [2, 6, 0] }), rows);
  assertEquals(found, await logProbsOf(mixedTeacher(models.slice(0, 2), { weights: [0.25, 0.75] }), rows));
  assertEquals(mixedTeacher(models.slice(0, 2), { name: "two" }).name, "two");
  const name = mixedTeacher([localTeacher(models[0], { name: "A" }), localTeacher(models[1], { name: "B" })]).name;
  assertEquals(name, "α-mixture (-1) of 0.5 A and 0.5 B");
});

Deno.test("mixedTeacher() reports which weight, order or teacher is invalid", () => {
  const refused = (teachers: (LanguageModel | Teacher)[], options: object, message: string) =>
    assertThrows(() => mixedTeacher(teachers, options), Error, message);
  refused([], {}, "at least one teacher is needed, current count is 0");
  refused(models, { weights: [1, 2] }, "one weight for each of 3 teachers is needed, current count is 2");
  refused(models, { weights: [1, -2, 1] }, "weight 1 is -2");
  refused(models, { weights: [0, 0, 0] }, "at least one weight must be above 0, all are 0");
  refused(models, { alpha: NaN }, "alpha must be a real number");
  refused([models[0], tinyModel(2, { vocab_size: 50 })], {}, "current sizes are 53");
  refused([models[0], sparse(models[1], { topK: 4 })], {}, '4 best tokens" names 4 tokens');
});

Deno.test("runMemory() counts each of several teachers, and the states that are kept of the rows that it teaches", () => {
  const rows = taughtRows(6);
  const [prose, code] = [tinyModel(2), tinyModel(3, { n_embd: 32 })];
  const run = (teacher: LanguageModel | Teacher) =>
    runMemory({ student: models[0], teacher, rows, batchSize: 2, totalSteps: 9, optimizer: { learningRate: 1e-2 } });
  const [one, other] = [run(cached(prose)), run(cached(code))];
  const mixture = run(mixedTeacher([cached(prose), cached(code)]));
  assertEquals(mixture.teacher, one.teacher + other.teacher);
  assertEquals(mixture.teacherCache, one.teacherCache + other.teacherCache);
  assertEquals(mixture.teacherBlock, Math.max(one.teacherBlock, other.teacherBlock));
  const tokens = (name: string) => keptTokens(rows.filter(({ fields }) => fields!.teacher === name));
  const byRow = run(teacherPerRow({ prose: cached(prose), code: cached(code) }));
  const widths = { prose: prose.head.shape[1]!, code: code.head.shape[1]! };
  assertEquals(byRow.teacherCache, 4 * (tokens("prose") * widths.prose + tokens("code") * widths.code));
  assertEquals(run(teacherPerRow({ prose, code: prose })).teacher, one.teacher);
});

/** Rows with their teachers, in turn. */
const taughtRows = (count: number): Row[] =>
  tinyRows(count).map((row, index) => ({ ...row, fields: { teacher: ["prose", "code", "code"][index % 3] } }));

Deno.test("teacherPerRow() gives each row the distributions of its own teacher, in the order of the batch", async () => {
  const rows = taughtRows(5);
  const [prose, code] = models;
  const found = await logProbsOf(teacherPerRow({ prose, code }), rows);
  const expected: number[][] = [];
  for (const row of rows) {
    const model = row.fields!.teacher === "prose" ? prose : code;
    const targets = await localTeacher(model).prepare(batchOf([row]));
    expected.push(...targets.logits(0, row.ids.length - row.promptLength).arraySync().map(logSoftmax));
    targets.dispose();
  }
  assertEquals(found.length, expected.length);
  found.forEach((logProbs, token) => assertAllClose(logProbs, expected[token], { atol: 1e-5 }));
});

Deno.test("teacherPerRow() of sparse answers trains as that of whole distributions, of one teacher by two names too", async () => {
  const rows = taughtRows(5);
  const step = (teacher: Teacher) => {
    const options = { teacher, totalSteps: 1, optimizer: { learningRate: 1e-2 }, microBatchSize: 3, chunkSize: 4 };
    return new Trainer({ student: tinyModel(1), objective: objective("amid"), ...options }).step(rows);
  };
  const [prose, code] = models;
  const dense = await step(teacherPerRow({ prose, code }));
  const all = { topK: TINY_VOCABULARY };
  const named = await step(teacherPerRow({ prose: sparse(prose, all), code: sparse(code, all) }));
  assertAllClose([named.loss, named.gradNorm], [dense.loss, dense.gradNorm]);
  const alone = localTeacher(code);
  const [twice, once] = [await step(teacherPerRow({ prose: alone, code: alone })), await step(alone)];
  assertAllClose([twice.loss, twice.gradNorm], [once.loss, once.gradNorm]);
});

async function stepsOf(changes: Partial<DistillOptions>): Promise<StepEvent[]> {
  const steps: StepEvent[] = [];
  const run = distill({
    student: tinyModel(1),
    rows: taughtRows(6),
    batchSize: 2,
    totalSteps: 6,
    seed: 3,
    objective: objective("amid", { alpha: 0.3, lambda: 0.2 }),
    optimizer: { learningRate: 1e-2 },
    ...changes,
  });
  for await (const event of run) if (event.type === "step") steps.push(event);
  return steps;
}

const several: Record<string, () => Teacher> = {
  "mixedTeacher()": () => mixedTeacher([cached(tinyModel(2)), tinyModel(3)], { alpha: 0, weights: [1, 2] }),
  "teacherPerRow()": () => teacherPerRow({ prose: cached(tinyModel(2)), code: tinyModel(3) }),
};
for (const [name, make] of Object.entries(several)) {
  Deno.test(`${name} distils, resumes to the same bits, and refuses to resume with other parts`, async () => {
    const before = tf.memory().numTensors;
    const teacher = make();
    const made = tf.memory().numTensors - before;
    const whole = await stepsOf({ teacher });
    assert(whole.at(-1)!.loss < whole[0].loss);
    assert(tf.memory().numTensors - before - made < 60, "targets were left behind"); // the student stays
    const checkpointFolder = await Deno.makeTempDir();
    const controller = new AbortController();
    const measure = ({ steps }: Trainer) => {
      if (steps === 4) controller.abort();
      return {};
    };
    const first = await stepsOf({ teacher: make(), checkpointFolder, signal: controller.signal, measure });
    const second = await stepsOf({ teacher: make(), checkpointFolder, resume: true });
    const figures = (steps: StepEvent[]) => steps.map(({ loss, gradNorm }) => [loss, gradNorm]);
    assertEquals(figures([...first, ...second]), figures(whole));
    const others: Record<string, Teacher> = {
      "mixedTeacher()": mixedTeacher([tinyModel(2), tinyModel(3)], { alpha: 0, weights: [1, 3] }),
      "teacherPerRow()": teacherPerRow({ prose: tinyModel(2), code: tinyModel(4) }),
    };
    const going = () => stepsOf({ teacher: others[name], checkpointFolder, resume: true });
    await assertRejects(going, RangeError, "teacher.");
  });
}

Deno.test("teacherPerRow() names a row without a teacher before the first step, and a row of the batch in it", async () => {
  const [prose, code] = models;
  const teacher = teacherPerRow({ prose, code }, { field: "subject" });
  const rows = tinyRows(2).map((row) => ({ ...row, fields: { subject: "prose" } as Record<string, unknown> }));
  rows[1].fields = { subject: "verse" };
  const message = 'its field "subject" must be one of prose, code, current value is "verse"';
  await assertRejects(() => stepsOf({ teacher, rows }), RangeError, `Cannot teach row 1: ${message}`);
  const trainer = new Trainer({
    student: tinyModel(1),
    teacher,
    objective: objective("amid"),
    totalSteps: 1,
    optimizer: { learningRate: 1 },
  });
  await assertRejects(() => trainer.step([rows[1]]), RangeError, `Cannot teach row 0 of the batch: ${message}`);
  await assertRejects(() => trainer.step(tinyRows(1)), RangeError, "it is absent");
  assertThrows(
    () => teacherPerRow({ prose, code: sparse(code, { topK: 4 }) }),
    TypeError,
    "the same topK, it is absent of",
  );
});

Deno.test("mixedTeacher() and teacherPerRow() free what the others prepared where one teacher fails", async () => {
  const failing: Teacher = {
    ...localTeacher(models[1]),
    vocabularySize: TINY_VOCABULARY,
    prepare: () => Promise.reject(new Error("the server is gone")),
  };
  const batch = batchOf(taughtRows(3));
  for (const teacher of [mixedTeacher([models[0], failing]), teacherPerRow({ prose: models[0], code: failing })]) {
    const before = tf.memory().numTensors;
    await assertRejects(() => teacher.prepare(batch), Error, "the server is gone");
    assertEquals(tf.memory().numTensors, before);
  }
});
