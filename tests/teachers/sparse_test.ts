/** Teachers that name their best tokens alone. */
import * as tf from "@tensorflow/tfjs-core";
import { logRest, type SparseAnswer } from "../../lib/distributions/sparse_answer.ts";
import { useEngine } from "../../lib/engines/mod.ts";
import { combined, composition, type Objective, objective, tempered } from "../../lib/objectives/mod.ts";
import { cached } from "../../lib/teachers/cached.ts";
import { localTeacher } from "../../lib/teachers/local_teacher.ts";
import { sparse } from "../../lib/teachers/sparse.ts";
import type { SparseTargets, Teacher } from "../../lib/teachers/teacher.ts";
import { distill, type DistillOptions, type StepEvent } from "../../lib/training/run/distill.ts";
import { NonFiniteLossError, Trainer, type TrainerOptions } from "../../lib/training/step/trainer.ts";
import { assert, assertAllClose, assertEquals, assertRejects, assertThrows } from "../support/mod.ts";
import { TINY_VOCABULARY, tinyModel, tinyRows } from "../support/tiny_model.ts";

await useEngine("wasm");

const optimizer = { learningRate: 1e-2 };

/** A trainer with a student of its own. */
const trainerWith = (options: Partial<TrainerOptions>) =>
  new Trainer({ student: tinyModel(1), objective: objective("amid"), totalSteps: 3, optimizer, ...options });

/** The steps of a run, as far as its signal lets it come. */
async function stepsOf(changes: Partial<DistillOptions>): Promise<StepEvent[]> {
  const steps: StepEvent[] = [];
  const run = distill({
    student: tinyModel(1),
    teacher: sparse(tinyModel(2), { topK: 6 }),
    rows: tinyRows(6),
    batchSize: 3,
    microBatchSize: 2,
    totalSteps: 6,
    seed: 3,
    objective: objective("amid", { alpha: 0.3, lambda: 0.2 }),
    distillWeight: 0.8,
    measureEvery: 2,
    optimizer,
    ...changes,
  });
  for await (const event of run) if (event.type === "step") steps.push(event);
  return steps;
}

const losses = (steps: StepEvent[]) => steps.flatMap(({ loss, gradNorm, metrics }) => [loss, gradNorm, metrics]);

Deno.test("distill() learns from sparse answers, and resumes to the same bits", async () => {
  const whole = await stepsOf({});
  assert(whole.at(-1)!.loss < whole[0].loss, `${whole.map(({ loss }) => loss)}`);
  const checkpointFolder = await Deno.makeTempDir();
  const controller = new AbortController();
  const measure = ({ steps }: Trainer) => {
    if (steps === 3) controller.abort();
    return {};
  };
  const first = await stepsOf({ checkpointFolder, signal: controller.signal, measure });
  const second = await stepsOf({ checkpointFolder, resume: true });
  assertEquals([first.length, second.length], [3, 3]);
  assertEquals(losses([...first, ...second]), losses(whole));
  const other = () => stepsOf({ checkpointFolder, resume: true, teacher: sparse(tinyModel(2), { topK: 5 }) });
  await assertRejects(other, RangeError, "teacher.topK is 6 there, 5 here");
});

Deno.test("step() from all tokens is that of the whole distributions, for every kind of objective", async () => {
  const rows = tinyRows(4);
  const kinds = [objective("amid"), objective("adaptive-kl"), tempered(objective("taid"), 2)];
  for (const objective of kinds) {
    const common = { objective, distillWeight: 0.6, measureEvery: 1, microBatchSize: 3, chunkSize: 5 };
    const teachers = [tinyModel(2), sparse(cached(tinyModel(2)), { topK: TINY_VOCABULARY })];
    const [dense, all] = await Promise.all(
      teachers.map(async (teacher) => {
        const trainer = trainerWith({ ...common, teacher });
        return [await trainer.step(rows), await trainer.step(rows)];
      }),
    );
    dense.forEach(({ loss, lmLoss, gradNorm, measures }, step) => {
      const expected = [loss, lmLoss, gradNorm, ...Object.values({ ...measures })];
      const { measures: found, ...figures } = all[step];
      assertAllClose([figures.loss, figures.lmLoss, figures.gradNorm, ...Object.values({ ...found })], expected);
    });
  }
});

Deno.test("step() leaves no tensor behind, of answers too", async () => {
  const trainer = trainerWith({ teacher: sparse(tinyModel(2), { topK: 4 }), measureEvery: 1 });
  await trainer.step(tinyRows(2));
  const before = tf.memory().numTensors;
  await trainer.step(tinyRows(2));
  assertEquals(tf.memory().numTensors, before);
});

/** A teacher whose answers are altered on their way. */
function altering(alter: (answer: SparseAnswer) => unknown, changes: Partial<Teacher> = {}): Teacher {
  const inner = sparse(tinyModel(2), { topK: 4 });
  return {
    ...inner,
    vocabularySize: TINY_VOCABULARY,
    name: "altered",
    ...changes,
    async prepare(batch) {
      const { answer, dispose } = await inner.prepare(batch) as SparseTargets;
      return { answer: (start, size) => alter(answer(start, size)) as SparseAnswer, dispose };
    },
  };
}

/** The answer with a number of one of its lists replaced. */
const replaced = (name: keyof SparseAnswer, place: number, value: number) => (answer: SparseAnswer) => ({
  ...answer,
  [name]: (answer[name] as Float32Array).map((number, at) => at === place ? value : number),
});

Deno.test("step() refuses bad answers, and names the teacher, the row and the token", async () => {
  // The shorter row comes first in its micro-batch; it has three response tokens.
  const rows = [{ ids: [3, 1, 4, 1, 5, 9, 2], promptLength: 2 }, { ids: [2, 7, 1, 8], promptLength: 1 }];
  const cases: [(answer: SparseAnswer) => unknown, string][] = [
    [
      replaced("ids", 4, 53),
      "row 0 of the batch, response token 1, token ids must be from 0 to 52, current value is 53",
    ],
    [replaced("ids", 0, -1), "row 0 of the batch, response token 0, token ids must be from 0 to 52"],
    [
      (answer) => replaced("ids", 13, answer.ids[12])(answer),
      "row 1 of the batch, response token 0, the 4 tokens must be distinct",
    ],
    [replaced("logProbs", 31, NaN), "row 1 of the batch, response token 4, the log-probability of token"],
    [replaced("logProbs", 0, 0.5), "must be at most 0, current value is 0.5"],
    [replaced("own", 2, NaN), "the log-probability of the row's target token must be at most 0, current value is NaN"],
    [replaced("rest", 2, Infinity), "the log-probability of the rest must be at most 0, current value is Infinity"],
    [replaced("rest", 2, 0), "must sum to 1, current sum is 1."],
    [replaced("rest", 2, -Infinity), "must sum to 1, current sum is 0."],
    [
      (answer) => ({ ...answer, own: answer.own.subarray(1) }),
      "own must have 8 values, for 8 positions with 4 best tokens",
    ],
    [(answer) => ({ ...answer, ids: answer.ids.subarray(4) }), "ids must have 32 values"],
    [(answer) => ({ ...answer, logProbs: answer.logProbs.subarray(1) }), "logProbs must have 32 values"],
  ];
  for (const [alter, message] of cases) {
    const trainer = trainerWith({ teacher: altering(alter) });
    const before = tf.memory().numTensors;
    await assertRejects(() => trainer.step(rows), RangeError, 'Cannot learn from the teacher "altered": ');
    await assertRejects(() => trainer.step(rows), RangeError, message);
    assertEquals(tf.memory().numTensors, before);
  }
  const trainer = trainerWith({ teacher: altering((answer) => ({ ...answer, rest: [...answer.rest] })) });
  await assertRejects(() => trainer.step(rows), TypeError, "rest of an answer must be of type Float32Array");
});

Deno.test("step() refuses a row's own token that has one log-probability among the k and another by itself", async () => {
  const teacher = altering((answer) => ({ ...answer, own: answer.own.map((logProb) => logProb - 1) }));
  const probable = tinyModel(2);
  const [best] = tf.argMax(probable.logits({ inputIds: [[3]] }), -1).dataSync();
  const trainer = trainerWith({ teacher });
  await assertRejects(
    () => trainer.step([{ ids: [3, best], promptLength: 1 }]),
    RangeError,
    `the row's target token ${best} must have one log-probability`,
  );
});

Deno.test("step() refuses targets of another kind than the teacher announced", async () => {
  const unannounced = trainerWith({ teacher: altering((answer) => answer, { topK: undefined }) });
  await assertRejects(() => unannounced.step(tinyRows(1)), TypeError, "has no topK, so its targets must have logits");
  const dense = localTeacher(tinyModel(2));
  const announced = trainerWith({ teacher: { ...dense, vocabularySize: TINY_VOCABULARY, topK: 4 } });
  await assertRejects(() => announced.step(tinyRows(1)), TypeError, "a topK of 4, so its targets must have answer");
});

Deno.test("Trainer refuses, before a step, what needs whole distributions, and reports why", () => {
  const teacher = sparse(tinyModel(2), { topK: 4 });
  const own: Objective = { name: "mine", perToken: ({ student, teacher }) => tf.sum(tf.sub(student, teacher), -1) };
  const refused = (options: Partial<TrainerOptions>, message: string) =>
    assertThrows(() => trainerWith({ teacher, ...options }), TypeError, message);
  refused(
    { objective: own },
    "provides 4 tokens and the mass of the rest, and the objective mine may look up others by their",
  );
  const parts = [composition({ divergence: "kl", order: "pq" })];
  const byId = { ...combined("by id", { parts }), comparesDistributions: false };
  refused({ objective: byId }, "the objective by id may look up others by their ids");
  refused({ objective: tempered(byId, 2) }, "the objective by id may look up others by their ids");
  const compared = combined("compared", { parts, needs: { reference: true } });
  refused(
    { objective: compared, reference: sparse(tinyModel(3), { topK: 4 }) },
    "a reference must provide whole distributions",
  );
  for (const topK of [0, 2.5, TINY_VOCABULARY + 1]) {
    assertThrows(() => sparse(tinyModel(2), { topK }), RangeError, `current value is ${topK}`);
    const announced = altering((answer) => answer, { topK });
    assertThrows(() => trainerWith({ teacher: announced }), RangeError, `current value is ${topK}`);
  }
  assertThrows(() => sparse(teacher, { topK: 2 }), TypeError, '4 best tokens" names 4 tokens');
});

Deno.test("step() learns by a custom objective that only compares distributions, with a reference", async () => {
  const own: Objective = {
    name: "squares",
    comparesDistributions: true,
    needs: { reference: true },
    perToken: ({ student, teacher, reference }) =>
      tf.sum(tf.mul(tf.softmax(reference!), tf.squaredDifference(tf.softmax(student), tf.softmax(teacher))), -1),
  };
  const results = [];
  for (const teacher of [tinyModel(2), sparse(tinyModel(2), { topK: TINY_VOCABULARY })]) {
    results.push(await trainerWith({ teacher, objective: own, reference: tinyModel(3) }).step(tinyRows(2)));
  }
  assertAllClose([results[1].loss, results[1].gradNorm], [results[0].loss, results[0].gradNorm]);
});

Deno.test("step() names the loss that is not finite where answers are sparse", async () => {
  const broken: Objective = {
    name: "broken",
    comparesDistributions: true,
    perToken: ({ student }) => tf.mul(tf.sum(student, -1), NaN),
  };
  const before = tf.memory().numTensors;
  const trainer = trainerWith({ teacher: sparse(tinyModel(2), { topK: 4 }), objective: broken });
  const made = tf.memory().numTensors - before;
  const message = "the loss broken of response token 0 is NaN in row 0";
  await assertRejects(() => trainer.step(tinyRows(2)), NonFiniteLossError, message);
  assertEquals(tf.memory().numTensors - before, made);
});

Deno.test("logRest() is what the named tokens leave, and what they leave room for where float32 cannot tell", () => {
  const ofOne = (probs: number[], { own, label, size }: { own: number; label: number; size: number }) => {
    const logProbs = Float32Array.from(probs, Math.log), ids = Int32Array.from(probs, (_, id) => id);
    const answer = { ids, logProbs, own: Float32Array.of(Math.log(own)) };
    return Math.exp(logRest(answer, { labels: Int32Array.of(label), vocabularySize: size })[0]);
  };
  assertAllClose(ofOne([0.5, 0.25], { own: 0.25, label: 1, size: 9 }), 0.25);
  assertAllClose(ofOne([0.5, 0.25], { own: 0.05, label: 7, size: 9 }), 0.2);
  assertEquals(ofOne([0.5, 0.5], { own: 0.5, label: 1, size: 2 }), 0);
  assertEquals(ofOne([0.5, 0.25], { own: 0.25, label: 2, size: 3 }), 0);
  assertAllClose(ofOne([1 - 1e-9, 1e-12], { own: 1e-12, label: 1, size: 102 }) * 1e10, 1);
  assertAllClose(ofOne([1], { own: 1, label: 0, size: 50000 }), 2 ** -20);
});
