/** Rows whose teacher reads another prompt. */
import * as tf from "@tensorflow/tfjs-core";
import type { Row } from "../../lib/batches/row.ts";
import { keptTokens, trainingBatch } from "../../lib/batches/training_batch.ts";
import { rowFromText } from "../../lib/datasets/row_from_text.ts";
import { useEngine } from "../../lib/engines/mod.ts";
import type { LanguageModel } from "../../lib/models/language_model.ts";
import { objective } from "../../lib/objectives/mod.ts";
import { packTargets } from "../../lib/runs/pack_targets.ts";
import { alignedTeacher } from "../../lib/teachers/aligned/aligned_teacher.ts";
import { cached } from "../../lib/teachers/cached.ts";
import { mixedTeacher } from "../../lib/teachers/mixed_teacher.ts";
import { servedTeacher } from "../../lib/teachers/served/served_teacher.ts";
import { sparse } from "../../lib/teachers/sparse.ts";
import { targetsFrom } from "../../lib/teachers/targets/kept_targets.ts";
import type { Teacher } from "../../lib/teachers/teacher.ts";
import { TeacherError } from "../../lib/teachers/teacher_error.ts";
import { teacherLoss } from "../../lib/teachers/teacher_loss.ts";
import { teacherPerRow } from "../../lib/teachers/teacher_per_row.ts";
import { loadTokenizer } from "../../lib/text/tokenizer.ts";
import { distill, type DistillOptions } from "../../lib/training/run/distill.ts";
import { studentResponses } from "../../lib/training/policy/student_responses.ts";
import { Trainer } from "../../lib/training/step/trainer.ts";
import { logSoftmax, referenceKl } from "../divergences/reference.ts";
import { assert, assertAllClose, assertEquals, assertRejects } from "../support/mod.ts";
import { FakeServer } from "./served/fake_server.ts";
import { TINY_VOCABULARY, tinyModel, tinyRows } from "../support/tiny_model.ts";

await useEngine("wasm");
/** A model whose predictions depend on what comes before more than those of the usual weights. */
const modelOf = (seed: number) => tinyModel(seed, { initializer_range: 0.5 });
const model = modelOf(2);
const rows: Row[] = tinyRows(4).map((row, index) =>
  index === 3 ? row : { ...row, teacherPrompt: [5, 9 + index, 11, 2, 30, 7].slice(0, 4 + index % 3) }
);

/** The log-probabilities where a response is predicted behind a prompt, in float64. */
function logProbsOf(of: LanguageModel, prompt: readonly number[], response: readonly number[]): number[][] {
  const { tokens, keep } = trainingBatch([{ ids: [...prompt, ...response], promptLength: prompt.length }]);
  return tf.tidy(() => (tf.matMul(of.states(tokens, { keep }), of.head, false, true).arraySync() as number[][]))
    .map(logSoftmax);
}

/** The forward KL by hand: either model behind its own prompt. */
function expectedLoss(teacher: LanguageModel, all: readonly Row[]): number {
  let sum = 0;
  for (const { ids, promptLength, teacherPrompt = ids.slice(0, promptLength) } of all) {
    const response = ids.slice(promptLength);
    const p = logProbsOf(teacher, teacherPrompt, response);
    const q = logProbsOf(modelOf(1), ids.slice(0, promptLength), response);
    p.forEach((logs, place) => sum += referenceKl(logs.map(Math.exp), q[place].map(Math.exp)));
  }
  return sum / keptTokens([...all]);
}

const lossOf = async (teacher: Teacher | LanguageModel, all = rows, changes: object = {}) => {
  const student = modelOf(1);
  const shared = { objective: objective("forward-kl"), totalSteps: 1, optimizer: { learningRate: 0 } };
  const trainer = new Trainer({ student, teacher, ...shared, ...changes });
  const { distillLoss } = await trainer.step(all);
  trainer.dispose();
  return distillLoss;
};

Deno.test("Trainer compares the teacher behind its own prompt with the student behind the row's, for any teacher", async () => {
  const expected = expectedLoss(model, rows);
  const plain = expectedLoss(model, rows.map(({ teacherPrompt: _, ...row }) => row));
  assert(Math.abs(expected - plain) > 0.01, `${expected} ${plain}`);
  const all = { topK: TINY_VOCABULARY };
  const [memory, folder, answers] = [cached(model), await Deno.makeTempDir(), await Deno.makeTempDir()];
  await packTargets(sparse(model, all), rows, { folder: answers, bits: 16 });
  const other = modelOf(3);
  const named = rows.map((row) => ({ ...row, fields: { teacher: "one" } }));
  const teachers: Record<string, Teacher | LanguageModel> = {
    model,
    memory,
    again: memory,
    folder: cached(model, { folder }),
    sparse: sparse(model, all),
    kept: cached(sparse(model, all)),
    mixed: mixedTeacher([model, other], { weights: [1, 0] }),
  };
  for (const [name, teacher] of Object.entries(teachers)) {
    assertAllClose(await lossOf(teacher, rows, { microBatchSize: 3 }), expected, { atol: 1e-4, rtol: 1e-4 });
    assert(name);
  }
  assertAllClose(await lossOf(targetsFrom(answers)), expected, { atol: 2e-3, rtol: 0 });
  assertAllClose(await lossOf(teacherPerRow({ one: cached(model), other }), named), expected, {
    atol: 1e-4,
    rtol: 1e-4,
  });
  const strange = rows.map((row) => ({ ...row, teacherPrompt: [1, 2] }));
  await assertRejects(() => lossOf(targetsFrom(answers), strange), TeacherError, "is not among them");
  assertAllClose(await lossOf(memory, strange), expectedLoss(model, strange), { atol: 1e-4, rtol: 1e-4 });
  assertAllClose(await lossOf(modelOf(1), rows.slice(3)), 0, { atol: 1e-6 });
  assert(await lossOf(modelOf(1), rows) > 0.01, "a model teaches itself by what it is told");
});

Deno.test("teacherLoss() is that behind the teacher's prompt, and a reference reads the row's", async () => {
  const mapped = rows.map(({ teacherPrompt, ids, promptLength }) =>
    teacherPrompt
      ? { ids: [...teacherPrompt, ...ids.slice(promptLength)], promptLength: teacherPrompt.length }
      : { ids, promptLength }
  );
  assertAllClose(await teacherLoss(model, rows), await teacherLoss(model, mapped), { atol: 1e-6, rtol: 1e-6 });
  const seen: number[] = [];
  const watching: Teacher = {
    name: "watching",
    vocabularySize: TINY_VOCABULARY,
    identity: () => Promise.resolve({ settings: {}, digest: () => Promise.resolve("0") }),
    prepare(batch) {
      seen.push(...batch.rows.map(({ promptLength }) => promptLength));
      return Promise.resolve({ logits: (_, size) => tf.zeros([size, TINY_VOCABULARY]), dispose: () => {} });
    },
  };
  const compares = {
    name: "to the reference",
    needs: { reference: true },
    perToken: ({ student, reference }: { student: tf.Tensor; reference?: tf.Tensor }) =>
      tf.sum(tf.square(tf.sub(student, reference!)), -1),
  };
  await lossOf(model, rows, { objective: compares, reference: watching });
  assertEquals(seen.toSorted(), rows.map(({ promptLength }) => promptLength).toSorted());
});

Deno.test("alignedTeacher() reads the teacher's prompt in its own tokens", async () => {
  const words = await loadTokenizer("data/tokenizer");
  const sizes = { vocab_size: words.vocabularySize, n_positions: 64 };
  const big = tinyModel(4, sizes);
  const row = rowFromText(words, { prompt: "Name a wader.\n", response: "a grey heron" });
  const told = { ...row, teacherPrompt: words.encode("It is grey. Name a wader.\n") };
  const step = (teacher: Teacher | LanguageModel) => lossOf(teacher, [told], { student: tinyModel(5, sizes) });
  const tokenizers = { student: words, teacher: words };
  const { commonTokens } = alignedTeacher(big, tokenizers);
  const aligned = alignedTeacher(big, { ...tokenizers, topK: commonTokens - 1 });
  assertAllClose(await step(aligned), await step(big), { atol: 1e-4, rtol: 1e-4 });
});

Deno.test("servedTeacher() is asked about the response behind the teacher's prompt", async () => {
  const words = await loadTokenizer("data/tokenizer");
  const sizes = { vocab_size: words.vocabularySize, n_positions: 64 };
  const big = tinyModel(4, sizes);
  await using server = new FakeServer("vllm", big, { tokens: words });
  await using teacher = servedTeacher(server.address, { tokenizer: words, topK: 64 });
  await teacher.connect();
  const row = rowFromText(words, { prompt: "Name a wader.\n", response: "a grey heron" });
  const told = { ...row, teacherPrompt: words.encode("It is grey. Name a wader.\n") };
  const options = { student: tinyModel(5, sizes) };
  const [served, local] = [
    await lossOf(teacher, [told], options),
    await lossOf(sparse(big, { topK: 64 }), [told], options),
  ];
  assertAllClose(served, local, { atol: 1e-4, rtol: 1e-3 });
  assert(Math.abs(await lossOf(teacher, [row], options) - served) > 1e-4);
});

Deno.test("distill() opens teachers with their prompts, resumes only with the same, and lets students answer", async () => {
  const folder = await Deno.makeTempDir();
  const run = async (changes: Partial<DistillOptions> = {}) => {
    const events = distill({
      student: modelOf(1),
      teacher: cached(model),
      objective: objective("forward-kl"),
      rows,
      batchSize: 2,
      totalSteps: 4,
      optimizer: { learningRate: 1e-2 },
      checkpointFolder: folder,
      ...changes,
    });
    const losses: number[] = [];
    for await (const event of events) if (event.type === "step") losses.push(event.distillLoss);
    return losses;
  };
  assertEquals((await run()).length, 4);
  const others = rows.map((row) => ({ ...row, teacherPrompt: [8, 8] }));
  await assertRejects(() => run({ rows: others, resume: true }), Error, "rows");
  const policy = { policy: { name: "on" as const }, responses: { maxNewTokens: 3 }, checkpointFolder: undefined };
  assertEquals((await run(policy)).length, 4);
  const [answer] = await studentResponses(modelOf(1), rows, { maxNewTokens: 3, seed: 1 });
  assertEquals(answer.teacherPrompt, rows[0].teacherPrompt);
  const near = rows.map((row) => ({ ...row, teacherPrompt: Array.from({ length: 46 }, () => 3) }));
  const [short] = await studentResponses(modelOf(1), near, { maxNewTokens: 9, seed: 1, teacherContext: 48 });
  assert(short.ids.length - short.promptLength <= 2);
  await assertRejects(
    () => studentResponses(modelOf(1), near, { maxNewTokens: 9, seed: 1, teacherContext: 46 }),
    RangeError,
    "the teacher's prompt must be shorter than the context of 46 tokens, row 0 has 46",
  );
  const long = rows.map((row) => ({ ...row, teacherPrompt: Array.from({ length: 45 }, () => 3) }));
  await assertRejects(() => run({ rows: long }), RangeError, "must fit its context of 48 tokens, row 0 has 45");
  const bad = [{ ...rows[0], teacherPrompt: [] }];
  await assertRejects(() => lossOf(model, bad), RangeError, "its teacherPrompt must be a list");
});
