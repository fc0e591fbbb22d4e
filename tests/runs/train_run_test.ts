import * as tf from "@tensorflow/tfjs-core";
import { useEngine } from "../../lib/engines/mod.ts";
import { loadModel } from "../../lib/models/load_model.ts";
import { initializeModel } from "../../lib/models/initialize_model.ts";
import type { LanguageModel } from "../../lib/models/language_model.ts";
import { objective } from "../../lib/objectives/mod.ts";
import { scoreModel } from "../../lib/runs/scores.ts";
import { trainRun, type TrainRunOptions } from "../../lib/runs/train_run.ts";
import { localTeacher } from "../../lib/teachers/local_teacher.ts";
import type { Teacher } from "../../lib/teachers/teacher.ts";
import { teacherLoss } from "../../lib/teachers/teacher_loss.ts";
import { loadTokenizer } from "../../lib/text/tokenizer.ts";
import { distill } from "../../lib/training/run/distill.ts";
import { NonFiniteLossError } from "../../lib/training/step/non_finite_loss_error.ts";
import { assert, assertEquals, assertRejects } from "../support/mod.ts";
import { jsonLines as linesOf } from "../support/playground.ts";

await useEngine("wasm");

const tokenizer = await loadTokenizer("data/tokenizer");
const sizes = { model_type: "gpt2", vocab_size: 4096, n_positions: 16, n_embd: 8, n_layer: 1, n_head: 2 };
const teacher = initializeModel(sizes, { seed: 2 });
const rows = [[1, 2, 3, 4], [5, 6, 7], [2, 4, 6, 8, 10], [9, 3]].map((ids) => ({ ids, promptLength: 1 }));
const common = { batchSize: 2, totalSteps: 4, validateEvery: 2, optimizer: { learningRate: 1e-2 } };

/** The two recipes: with a teacher, and by next-token loss with averaged weights. */
const recipes = {
  distillation: { models: { teacher }, training: { ...common, objective: objective("amid") } },
  "fine-tuning": { models: {}, training: { ...common, averageDecay: 0.5 } },
};

/** Runs a recipe with a new student. */
async function run(
  { models, training }: { models: { teacher?: LanguageModel }; training: TrainRunOptions["training"] },
  recording: TrainRunOptions["recording"],
) {
  const student = initializeModel(sizes, { seed: 1 });
  try {
    return await trainRun({
      models: { student, tokenizer, ...models },
      data: { rows, validRows: rows },
      training,
      recording,
    });
  } finally {
    student.dispose();
  }
}

const namesIn = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
const weightsIn = (folder: string) => Deno.readFile(`${folder}/model.safetensors`);

for (const [name, recipe] of Object.entries(recipes)) {
  Deno.test(`trainRun() of ${name} saves the weights that distill() ends with, also when stopped and resumed`, async () => {
    const student = initializeModel(sizes, { seed: 1 });
    const losses: number[] = [];
    for await (const event of distill({ student, rows, ...recipe.models, ...recipe.training })) {
      if (event.type === "step") losses.push(event.loss);
    }
    const [whole, parts] = [`${await Deno.makeTempDir()}/whole`, `${await Deno.makeTempDir()}/parts`];
    assertEquals(await run(recipe, { folder: whole, weights: "model" }), { finished: true, step: 4, warnings: [] });
    const saved = await loadModel(`${whole}/model`);
    for (const [parameter, variable] of student.parameters) {
      assertEquals(saved.parameters.get(parameter)!.dataSync(), variable.dataSync(), parameter);
    }
    const average = recipe.training === recipes["fine-tuning"].training ? ["model-average"] : [];
    assertEquals(namesIn(whole), ["checkpoints", "metrics.jsonl", "model", ...average]);
    assertEquals((await loadTokenizer(`${whole}/model`)).encode("a heron"), tokenizer.encode("a heron"));

    const stopped = await run(recipe, { folder: parts, weights: "model", stopAfter: 3 });
    assertEquals([stopped.finished, namesIn(parts)], [false, ["checkpoints", "metrics.jsonl"]]);
    const resuming = { ...recipe, training: { ...recipe.training, resume: true } };
    assert((await run(resuming, { folder: parts, weights: "model" })).finished);
    for (const folder of ["model", ...average]) {
      assertEquals(await weightsIn(`${parts}/${folder}`), await weightsIn(`${whole}/${folder}`));
    }
    const steps = (await linesOf(`${parts}/metrics.jsonl`)).filter(({ type }) => type === "step");
    assertEquals(steps.map(({ loss }) => loss), losses);
    student.dispose();
  });
}

Deno.test("trainRun() saves as it is asked to, and keeps a step that diverges", async () => {
  const folder = await Deno.makeTempDir();
  const asked: string[] = [];
  const save = (model: LanguageModel, path: string) => {
    asked.push(`${model.parameterCount > 0} ${path}`);
    return Deno.mkdir(path);
  };
  await run(recipes.distillation, { folder, save, recorders: [] });
  assertEquals(asked, [`true ${folder}/student`]);
  assertEquals(namesIn(folder), ["checkpoints", "student"]);

  const other = await Deno.makeTempDir();
  const optimizer = { learningRate: 1e38 };
  const diverging = { ...recipes.distillation, training: { ...recipes.distillation.training, optimizer } };
  await assertRejects(() => run(diverging, { folder: other }), NonFiniteLossError, "Cannot take step 1");
  assert(namesIn(other).includes("failures") && !namesIn(other).includes("student"));
});

Deno.test("trainRun() with a report answers before and after the run, and writes what it returns", async () => {
  const [folder, other] = [await Deno.makeTempDir(), await Deno.makeTempDir()];
  const student = initializeModel(sizes, { seed: 1 });
  const test = [{ prompt: "What is a heron?", outputs: ["bird"] }, { prompt: "And a hare?", outputs: ["animal"] }];
  const asked: string[] = [];
  const options: TrainRunOptions = {
    models: { student, teacher, tokenizer },
    data: { rows, validRows: rows },
    training: recipes.distillation.training,
    recording: { folder },
    report: {
      test,
      before(who, compute) {
        asked.push(who);
        return compute();
      },
    },
  };
  const before = await scoreModel(student, { valid: rows, test }, { tokenizer });
  const { result } = await trainRun(options);
  const after = await scoreModel(student, { valid: rows, test }, { tokenizer });
  assert(result && "student" in result);
  assertEquals([asked, result.start, result.student], [["teacher", "start"], before.scores, after.scores]);
  assert(after.scores.validLoss < before.scores.validLoss);
  assertEquals(JSON.parse(await Deno.readTextFile(`${folder}/result.json`)), result);
  assert((await Deno.readTextFile(`${folder}/report.html`)).includes("amid"));

  const { teacher: _teacher, ...models } = options.models;
  const tuned = await trainRun({ ...options, models, training: common, recording: { folder: other } });
  assert(tuned.result && "model" in tuned.result && !namesIn(other).includes("report.html"));
  const unready = { ...options, data: { rows }, recording: { folder: `${other}/x` } };
  await assertRejects(() => trainRun(unready), RangeError, "data.validRows needs at least one row");
  student.dispose();
});

Deno.test("trainRun() with a teacher that is not a model resumes, and names it in the record and the report", async () => {
  const folder = await Deno.makeTempDir();
  const inner = localTeacher(teacher);
  const own: Teacher = {
    name: "a <sharper> teacher",
    vocabularySize: inner.vocabularySize,
    async identity() {
      const { settings, digest } = await inner.identity();
      return { settings: { kind: "sharper", ...settings }, digest };
    },
    async prepare(batch) {
      const targets = await inner.prepare(batch);
      return {
        ...targets,
        logits: (start, size) => tf.tidy(() => tf.mul(targets.logits(start, size), 2)) as tf.Tensor2D,
      };
    },
  };
  const test = [{ prompt: "What is a heron?", outputs: ["bird"] }];
  const of = (changes: Partial<TrainRunOptions["training"]>, stopAfter?: number) =>
    trainRun({
      models: { student: initializeModel(sizes, { seed: 1 }), teacher: own, tokenizer },
      data: { rows, validRows: rows },
      training: { ...recipes.distillation.training, ...changes },
      recording: { folder, stopAfter },
      report: { test, config: { name: "with a teacher of its own" } },
    });
  assertEquals((await of({}, 2)).finished, false);
  const { result } = await of({ resume: true });
  assert(result && "student" in result);
  assertEquals(result.teacher, { validLoss: await teacherLoss(own, rows) });
  const lines = await linesOf(`${folder}/metrics.jsonl`);
  assertEquals(lines[0], { type: "start", step: 0, teacher: "a <sharper> teacher" });
  assertEquals(lines.filter(({ type }) => type === "step").map(({ step }) => step), [1, 2, 3, 4]);
  const page = await Deno.readTextFile(`${folder}/report.html`);
  assert(page.includes("from the teacher a &lt;sharper&gt; teacher."), "the report names the teacher");
  const [shown] = page.split("<script");
  assert(shown.includes(result.teacher.validLoss.toFixed(3)) && !/undefined|NaN/.test(shown), shown);
  await assertRejects(
    () =>
      trainRun({
        models: {
          student: initializeModel(sizes, { seed: 1 }),
          teacher: localTeacher(teacher, { name: "B" }),
          tokenizer,
        },
        data: { rows, validRows: rows },
        training: { ...recipes.distillation.training, resume: true },
        recording: { folder },
      }),
    RangeError,
    'the teacher is "a <sharper> teacher" there, "B" here',
  );
});
