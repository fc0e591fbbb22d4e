import fc from "fast-check";
import * as tf from "@tensorflow/tfjs-core";
import type { Row } from "../../../lib/batches/row.ts";
import { useEngine } from "../../../lib/engines/mod.ts";
import { loadModel } from "../../../lib/models/load_model.ts";
import type { LanguageModel } from "../../../lib/models/language_model.ts";
import { objective, objectives } from "../../../lib/objectives/mod.ts";
import type { Objective } from "../../../lib/objectives/objective.ts";
import { NonFiniteLossError, Trainer, type TrainerOptions } from "../../../lib/training/step/trainer.ts";
import { firstGradients, flat } from "../../support/first_gradients.ts";
import { keptTeacher } from "../../support/kept_teacher.ts";
import { assert, assertAllClose, assertEquals, assertRejects, assertThrows } from "../../support/mod.ts";
import { mixtureLoss, textbookStep } from "../../support/textbook_step.ts";
import { tinyModel, tinyRows } from "../../support/tiny_model.ts";
import { fileURLToPath } from "node:url";

await useEngine("wasm");

const mixture = { alpha: 0.3, lambda: 0.2 };
const amid = objective("amid", mixture);

function trainerOf(changes: Partial<TrainerOptions> = {}): Trainer {
  const options = { objective: amid, distillWeight: 0.7, totalSteps: 10, optimizer: { learningRate: 1e-2 } };
  const student = changes.student ?? tinyModel(1);
  const teacher = "teacher" in changes ? changes.teacher : tinyModel(2, { n_layer: 1 });
  return new Trainer({ ...options, ...changes, student, teacher });
}

/** A step's losses, and every gradient. */
async function afterStep(rows: readonly Row[], changes: Partial<TrainerOptions> = {}): Promise<number[]> {
  const trainer = trainerOf({ optimizer: { learningRate: 1e-2, clipNorm: 0 }, ...changes });
  const { loss, lmLoss, distillLoss, gradNorm } = await trainer.step(rows);
  return [loss, lmLoss, distillLoss, gradNorm, ...flat(firstGradients(trainer))];
}

const parametersOf = (model: LanguageModel): number[] =>
  [...model.parameters.values()].flatMap((parameter) => [...parameter.dataSync()]);

const kinds = {
  "rows of no template": (count: number, seed: number) => tinyRows(count, { seed }),
  "rows of one template": (count: number, seed: number) => tinyRows(count, { seed, preamble: true }),
  /** Both preambles begin with the same two tokens. */
  "rows of two templates": (count: number, seed: number) =>
    tinyRows(count, { seed, preamble: true }).map((row, i) => i % 2 ? { ...row, ids: row.ids.with(2, 8) } : row),
};

for (const [kind, rowsOf] of Object.entries(kinds)) {
  Deno.test(`step() computes the loss and gradient of the padded textbook step, for ${kind}`, async () => {
    const rows = rowsOf(6, 1);
    const models = { student: tinyModel(1), teacher: tinyModel(2, { n_layer: 1 }) };
    for (const extra of [0, 9]) {
      const textbook = { rows, perToken: mixtureLoss(mixture), distillWeight: 0.7, padding: { token: 0, extra } };
      const expected = textbookStep(models, textbook);
      const [loss, , , gradNorm, ...gradients] = await afterStep(rows);
      assertAllClose([loss, gradNorm], [expected.loss, Math.hypot(...flat(expected.gradients))]);
      assertAllClose(gradients, flat(expected.gradients), { atol: 1e-5, rtol: 1e-4 });
    }
  });

  Deno.test(`step() does not depend on micro-batches, chunks, order or kept states, for ${kind}`, async () => {
    const rows = rowsOf(7, 4);
    const expected = await afterStep(rows);
    const variants = fc.record({
      microBatchSize: fc.integer({ min: 1, max: 8 }),
      chunkSize: fc.constantFrom(1, 7, 64, 1000),
      teacher: fc.boolean().map((kept) => keptTeacher(tinyModel(2, { n_layer: 1 }), kept)),
    });
    const order = fc.shuffledSubarray(rows, { minLength: rows.length });
    await fc.assert(
      fc.asyncProperty(variants, order, async (changes, rows) => {
        const actual = await afterStep(rows, changes);
        assertAllClose(actual, expected, { atol: 1e-5, rtol: 1e-5 });
      }),
      { numRuns: 8 },
    );
  });
}

Deno.test("step() gives each objective the gradient that autodiff gives it", async () => {
  const rows = tinyRows(3);
  for (const name of objectives()) {
    const closed = objective(name as "amid");
    const plain: Objective = { name, perToken: (logits) => closed.perToken(logits) };
    const [a, b] = [await afterStep(rows, { objective: closed }), await afterStep(rows, { objective: plain })];
    assertAllClose(a.slice(0, 4), b.slice(0, 4), { atol: 1e-5, rtol: 1e-4 });
  }
});

Deno.test("step() leaves no tensor behind, and dispose() frees optimizer and kept states", async () => {
  const [student, teacher] = [tinyModel(1), tinyModel(2)];
  const before = tf.memory().numTensors;
  const trainer = trainerOf({ student, teacher: keptTeacher(teacher, true), microBatchSize: 2, chunkSize: 4 });
  const made = tf.memory().numTensors;
  for (let step = 0; step < 3; step++) await trainer.step(tinyRows(5));
  assertEquals(tf.memory().numTensors, made);
  trainer.dispose();
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("step() learns: the loss of one batch falls", async () => {
  const trainer = trainerOf({ distillWeight: 0, teacher: undefined, totalSteps: 60 });
  const rows = tinyRows(4);
  const losses: number[] = [];
  for (let step = 0; step < 60; step++) losses.push((await trainer.step(rows)).loss);
  assert(losses.at(-1)! < losses[0] / 3, `${losses[0]} → ${losses.at(-1)}`);
});

Deno.test("step() never changes the teacher", async () => {
  const teacher = tinyModel(2);
  const before = parametersOf(teacher);
  await trainerOf({ teacher }).step(tinyRows(3));
  assertEquals(parametersOf(teacher), before);
});

Deno.test("step() stops at a loss that is not finite, names it, and leaves student and moments as they were", async () => {
  const teacher = tinyModel(2);
  const head = teacher.head;
  head.assign(tf.mul(head, Infinity));
  const trainer = trainerOf({ teacher });
  const before = parametersOf(trainer.student);
  await assertRejects(() => trainer.step(tinyRows(2)), NonFiniteLossError, "distillLoss is NaN");
  assertEquals(parametersOf(trainer.student), before);
  assertEquals(trainer.steps, 0);
});

Deno.test("step() refuses no rows, and rows without prompt or response, naming them", async () => {
  const trainer = trainerOf();
  await assertRejects(() => trainer.step([]), RangeError, "at least one row");
  const row = { ids: [1, 2, 3], promptLength: 1 };
  await assertRejects(() => trainer.step([row, { ids: [1, 2], promptLength: 2 }]), RangeError, "row 1");
  await assertRejects(() => trainer.step([{ ids: [1, 2], promptLength: 0 }]), RangeError, "promptLength is 0");
});

Deno.test("Trainer refuses options that make no sense, naming them", () => {
  const cases: [Partial<TrainerOptions>, new (message: string) => Error, string][] = [
    [{ distillWeight: 1.2 }, RangeError, "current value is 1.2"],
    [{ objective: undefined }, TypeError, "needs an objective"],
    [{ objective: (() => amid) as unknown as Objective }, TypeError, "set the mixture of an objective that is made"],
    [
      { objective: objective("forward-kl"), lambda: 0.5 },
      TypeError,
      "set lambda of the objective forward-kl: it has no",
    ],
    [
      { objective: objective("taid"), alpha: { name: "linear", from: 0, to: 1 } },
      TypeError,
      "of the objective taid: only lambda can be set, alpha is always 1",
    ],
    [{ objective: objective("abkd"), alpha: { name: "linear", from: 0, to: 1 } }, TypeError, "abkd: it has no mixture"],
    [{ objective: amid, lambda: { name: "linear", from: 0, to: 2 } }, RangeError, "lambda must be in 0..1"],
    [{ teacher: undefined }, TypeError, "needs a teacher"],
    [{ totalSteps: 0 }, RangeError, "totalSteps"],
    [{ microBatchSize: 0 }, RangeError, "microBatchSize"],
    [{ chunkSize: -4 }, RangeError, "chunkSize"],
    [{ optimizer: { learningRate: NaN } }, RangeError, "learningRate"],
    [{ optimizer: { learningRate: 1, clipNorm: -1 } }, RangeError, "clipNorm"],
    [{ teacher: tinyModel(2, { vocab_size: 60 }) }, RangeError, "the student's is 53, the teacher's 60"],
  ];
  for (const [changes, kind, part] of cases) assertThrows(() => trainerOf(changes), kind, part);
});

/** The reference runs. */
interface Golden {
  batches: { ids: number[]; prompt_length: number }[][];
  runs: {
    kd_ratio: number;
    lr: number;
    divergence: "kl" | "ab";
    order: "pr" | "qr" | "rp";
    alpha: number;
    lambda: number;
    log: Record<"loss" | "lm" | "kd" | "grad_norm" | "lr", number>[];
    parameter_norms: Record<string, number>;
  }[];
}

for (const microBatchSize of [undefined, 1, 2, 4]) {
  const split = microBatchSize ? `micro-batches of ${microBatchSize}` : "whole batches";
  Deno.test(`step() follows the official loop through 24 steps, in ${split}`, async () => {
    const folder = new URL("../../golden/run/", import.meta.url);
    const golden: Golden = JSON.parse(await Deno.readTextFile(new URL("golden.json", folder)));
    for (const run of golden.runs) {
      const [student, teacher] = await Promise.all(
        ["student", "teacher"].map((name) => loadModel(fileURLToPath(new URL(name, folder)))),
      );
      const divergence = run.divergence === "ab" ? { name: "alpha-beta" as const, alpha: 0.2, beta: 0.7 } : "kl";
      const { order, alpha, lambda } = run;
      const trainer = new Trainer({
        student,
        teacher,
        microBatchSize,
        distillWeight: run.kd_ratio,
        totalSteps: golden.batches.length,
        objective: objective("amid", { divergence, order, alpha, lambda }),
        optimizer: { learningRate: run.lr, weightDecay: 0.01, clipNorm: 1 },
        schedule: { name: "cosine", minimum: 1e-7 },
      });
      for (const [step, batch] of golden.batches.entries()) {
        const result = await trainer.step(
          batch.map(({ ids, prompt_length }) => ({ ids, promptLength: prompt_length })),
        );
        const { loss, lm, kd, grad_norm, lr } = run.log[step];
        const actual = [result.loss, result.lmLoss, result.distillLoss, result.gradNorm, result.learningRate];
        assertAllClose(actual, [loss, lm, kd, grad_norm, lr], { atol: 1e-4, rtol: 1e-4 });
      }
      for (const [name, norm] of Object.entries(run.parameter_norms)) {
        assertAllClose(tf.norm(student.parameters.get(name)!), norm, { atol: 1e-3, rtol: 1e-3 });
      }
      [trainer, student, teacher].forEach((part) => part.dispose());
    }
  });
}
