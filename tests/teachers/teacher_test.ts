/** Teachers that are no single model of this process: written as anybody would in a notebook. */
import * as tf from "@tensorflow/tfjs-core";
import { useEngine } from "../../lib/engines/mod.ts";
import type { LanguageModel } from "../../lib/models/language_model.ts";
import { combined, composition, objective } from "../../lib/objectives/mod.ts";
import { localTeacher } from "../../lib/teachers/local_teacher.ts";
import { sparse } from "../../lib/teachers/sparse.ts";
import { teacherLoss } from "../../lib/teachers/teacher_loss.ts";
import type { Teacher, TeacherTargets } from "../../lib/teachers/teacher.ts";
import { distill, type DistillEvent, type DistillOptions, type StepEvent } from "../../lib/training/run/distill.ts";
import { NonFiniteLossError, Trainer } from "../../lib/training/step/trainer.ts";
import { firstGradients, flat } from "../support/first_gradients.ts";
import { assert, assertAllClose, assertEquals, assertRejects } from "../support/mod.ts";
import { textbookStep, type TokenLoss } from "../support/textbook_step.ts";
import { tinyModel, tinyRows } from "../support/tiny_model.ts";

await useEngine("wasm");

/** The mean of two models' probabilities. */
function meanTeacher(models: [LanguageModel, LanguageModel], weight = 0.5): Teacher {
  const [a, b] = models.map((model) => localTeacher(model));
  return {
    name: "mean of two",
    vocabularySize: a.vocabularySize,
    async identity() {
      const [first, second] = [await a.identity(), await b.identity()];
      return {
        settings: { weight, first: first.settings, second: second.settings },
        digest: async () => `${weight} ${await first.digest()} ${await second.digest()}`,
      };
    },
    async prepare(batch): Promise<TeacherTargets> {
      const [first, second] = [await a.prepare(batch), await b.prepare(batch)];
      return {
        logits: (start, size) =>
          tf.tidy(() => {
            const [p, q] = [first, second].map((targets) => tf.softmax(targets.logits(start, size)));
            return tf.log(tf.add(tf.mul(p, weight), tf.mul(q, 1 - weight))) as tf.Tensor2D;
          }),
        dispose: () => [first, second].forEach((targets) => targets.dispose()),
      };
    },
  };
}

function runOf(changes: Partial<DistillOptions> = {}): AsyncGenerator<DistillEvent, void> {
  return distill({
    student: tinyModel(1),
    rows: tinyRows(6),
    batchSize: 2,
    totalSteps: 6,
    seed: 3,
    objective: objective("amid", { alpha: 0.3, lambda: 0.2 }),
    optimizer: { learningRate: 1e-2 },
    teacher: meanTeacher([tinyModel(2), tinyModel(3)]),
    ...changes,
  });
}

async function stepsOf(run: AsyncIterable<DistillEvent>): Promise<StepEvent[]> {
  const steps: StepEvent[] = [];
  for await (const event of run) if (event.type === "step") steps.push(event);
  return steps;
}

const losses = (steps: StepEvent[]) => steps.flatMap(({ loss, gradNorm }) => [loss, gradNorm]);

Deno.test("distill() learns from a mixture of two models as the textbook loss does, and resumes from a checkpoint", async () => {
  const whole = await stepsOf(runOf());
  const rows = tinyRows(3);
  const [student, ...teachers] = [1, 2, 3].map((seed) => tinyModel(seed));
  const trainer = new Trainer({
    student,
    teacher: meanTeacher([teachers[0], teachers[1]]),
    objective: objective("forward-kl"),
    totalSteps: 1,
    optimizer: { learningRate: 1e-3, clipNorm: 0 },
  });
  const perToken: TokenLoss<"first" | "second"> = ({ student, first, second }) => {
    const [p, q, r] = [first, second, student].map((logits) => tf.softmax(logits));
    const mean = tf.div(tf.add(p, q), 2);
    return tf.sum(tf.mul(mean, tf.log(tf.div(mean, r))), -1);
  };
  const expected = textbookStep({ student, first: teachers[0], second: teachers[1] }, { rows, perToken });
  assertAllClose([(await trainer.step(rows)).loss], [expected.loss]);
  assertAllClose(flat(firstGradients(trainer)), flat(expected.gradients), { atol: 1e-5, rtol: 1e-4 });

  const checkpointFolder = await Deno.makeTempDir();
  const begun = runOf({ checkpointFolder, saveEvery: 2, signal: AbortSignal.abort() });
  for await (const _ of begun); // stopped before the first step, with a checkpoint of it
  const controller = new AbortController();
  const first: StepEvent[] = [];
  for await (const event of runOf({ checkpointFolder, saveEvery: 2, resume: true, signal: controller.signal })) {
    if (event.type === "step") first.push(event);
    if (event.type === "step" && event.step === 3) controller.abort();
  }
  const second = await stepsOf(runOf({ checkpointFolder, resume: true }));
  assertEquals(losses([...first, ...second]), losses(whole));
});

Deno.test("distill() refuses to resume with another teacher, and names what differs", async () => {
  const checkpointFolder = await Deno.makeTempDir();
  for await (const _ of runOf({ checkpointFolder, signal: AbortSignal.abort() }));
  const other = meanTeacher([tinyModel(2), tinyModel(3)], 0.25);
  const going = () => stepsOf(runOf({ checkpointFolder, resume: true, teacher: other }));
  await assertRejects(going, RangeError, "teacher.weight is 0.5 there, 0.25 here");
  const model = () =>
    stepsOf(runOf({ checkpointFolder, resume: true, teacher: localTeacher(tinyModel(2), { name: "B" }) }));
  await assertRejects(
    model,
    RangeError,
    'it belongs to another run; the teacher is "mean of two" there, "B" here; teacher.',
  );
  const none = () =>
    stepsOf(runOf({ checkpointFolder, resume: true, teacher: undefined, objective: undefined, distillWeight: 0 }));
  await assertRejects(none, RangeError, 'the teacher is "mean of two" there, absent here');
});

Deno.test("distill() gives the names of teacher and reference in its start event, and resumes with another name of the same", async () => {
  const checkpointFolder = await Deno.makeTempDir();
  const start = async (changes: Partial<DistillOptions>) => {
    for await (const event of runOf({ checkpointFolder, signal: AbortSignal.abort(), ...changes })) {
      if (event.type === "start") return [event.teacher, event.reference];
    }
    return [];
  };
  assertEquals(await start({ checkpointFolder: undefined }), ["mean of two", undefined]);
  const parts = [composition({ divergence: "kl", order: "pq" })];
  const compared = combined("compared", { parts, needs: { reference: true } });
  const reference = localTeacher(tinyModel(3), { name: "C" });
  assertEquals(await start({ checkpointFolder: undefined, objective: compared, reference }), ["mean of two", "C"]);
  assertEquals(await start({ teacher: undefined, objective: undefined, checkpointFolder: undefined }), [
    undefined,
    undefined,
  ]);
  for await (const _ of runOf({ checkpointFolder, signal: AbortSignal.abort() }));
  const renamed = { ...meanTeacher([tinyModel(2), tinyModel(3)]), name: "another name" };
  assertEquals(await start({ teacher: renamed, resume: true }), ["another name", undefined]);
});

Deno.test("teacherLoss() is the mean of −log p(token), of whole distributions and of sparse answers", async () => {
  const [rows, models] = [tinyRows(5), [tinyModel(2), tinyModel(3)] as [LanguageModel, LanguageModel]];
  const probs = rows.flatMap(({ ids, promptLength }) => {
    const of = models.map((model) => {
      const logits = model.logits({ inputIds: [ids.slice(0, -1)] });
      return tf.softmax(logits).squeeze([0]).arraySync() as number[][];
    });
    const places = ids.map((_, place) => place).slice(promptLength);
    return places.map((place) => (of[0][place - 1][ids[place]] + of[1][place - 1][ids[place]]) / 2);
  });
  const expected = -probs.reduce((sum, p) => sum + Math.log(p), 0) / probs.length;
  const teacher = meanTeacher(models);
  const before = tf.memory().numTensors;
  assertAllClose(await teacherLoss(teacher, rows), expected);
  assertAllClose(await teacherLoss(teacher, rows, { batchSize: 2 }), expected);
  assertAllClose(await teacherLoss(sparse(teacher, { topK: 3 }), rows), expected);
  assertEquals(tf.memory().numTensors, before);
  await assertRejects(() => teacherLoss(teacher, []), RangeError, "at least one row is needed");
});

Deno.test("distill() asks a teacher that works beside the student for the next batch before the step is over", async () => {
  const log: string[] = [];
  const inner = localTeacher(tinyModel(2));
  const beside: Teacher = {
    name: "beside",
    worksBeside: true,
    identity: inner.identity,
    vocabularySize: inner.vocabularySize,
    async prepare(batch) {
      const row = batch.rows.map(({ ids }) => ids.join()).join(";");
      log.push(`asked ${row}`);
      const targets = await inner.prepare(batch);
      return {
        logits(start, size) {
          if (start === 0) log.push(`used ${row}`);
          return targets.logits(start, size);
        },
        dispose: targets.dispose,
      };
    },
  };
  for (const microBatchSize of [undefined, 1]) {
    log.length = 0;
    const before = tf.memory().numTensors;
    const student = tinyModel(1);
    const steps = await stepsOf(runOf({ student, teacher: beside, microBatchSize }));
    student.dispose();
    const plain = await stepsOf(runOf({ teacher: tinyModel(2), microBatchSize }));
    assertEquals(losses(steps), losses(plain));
    const passes = microBatchSize === undefined ? 6 : 12;
    assertEquals(log.filter((line) => line.startsWith("asked")).length, passes); // each once
    const nth = (kind: string, n: number) => log.indexOf(log.filter((line) => line.startsWith(kind))[n]);
    assert(nth("asked", 1) < nth("used", 0), log.join("\n"));
    assert(tf.memory().numTensors - before < 200, "targets were left behind");
  }
});

Deno.test("step() names a teacher's logit that is not finite, of a teacher without weights of its own too", async () => {
  const inner = localTeacher(tinyModel(2));
  const broken: Teacher = {
    name: "broken",
    vocabularySize: inner.vocabularySize,
    identity: inner.identity,
    async prepare(batch) {
      const targets = await inner.prepare(batch);
      return { ...targets, logits: (start, size) => tf.mul(targets.logits(start, size), NaN) as tf.Tensor2D };
    },
  };
  const trainer = new Trainer({
    student: tinyModel(1),
    teacher: broken,
    objective: objective("forward-kl"),
    totalSteps: 1,
    optimizer: { learningRate: 1e-3 },
  });
  await assertRejects(() => trainer.step(tinyRows(2)), NonFiniteLossError, "the teacher's logit of token 0 is NaN");
});

Deno.test("step() leaves the student and no tensor behind when the teacher fails in the middle, and can be taken again", async () => {
  const [student, inner] = [tinyModel(1), localTeacher(tinyModel(2))];
  let asked = 0;
  const failing: Teacher = {
    name: "failing",
    vocabularySize: inner.vocabularySize,
    identity: inner.identity,
    prepare: (batch) => ++asked === 2 ? Promise.reject(new Error("the server is gone")) : inner.prepare(batch),
  };
  const settings = { objective: objective("forward-kl"), microBatchSize: 1, totalSteps: 2 };
  const optimizer = { learningRate: 1e-3 };
  const trainer = new Trainer({ student, teacher: failing, ...settings, optimizer });
  const before = tf.memory().numTensors;
  await assertRejects(() => trainer.step(tinyRows(3)), Error, "the server is gone");
  assertEquals(tf.memory().numTensors, before);
  const plain = new Trainer({ student: tinyModel(1), teacher: tinyModel(2), ...settings, optimizer });
  assertEquals(await trainer.step(tinyRows(3)), await plain.step(tinyRows(3)));
});
