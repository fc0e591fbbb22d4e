/** What becomes of the tokens that sparse answers do not name. */
import * as tf from "@tensorflow/tfjs-core";
import { useEngine } from "../../lib/engines/mod.ts";
import { logitsLoss } from "../../lib/objectives/logits_loss.ts";
import { coarsened, objective, objectives } from "../../lib/objectives/mod.ts";
import { bestTokens, sparse } from "../../lib/teachers/sparse.ts";
import type { SparseTargets, Teacher, TeacherBatch } from "../../lib/teachers/teacher.ts";
import { cached } from "../../lib/teachers/cached.ts";
import { type TailOption, withTail } from "../../lib/teachers/with_tail.ts";
import { Trainer } from "../../lib/training/step/trainer.ts";
import { coarseProbs, namedBy, referenceObjectives } from "../objectives/coarse_reference.ts";
import { assert, assertAllClose, assertEquals, assertRejects, assertThrows } from "../support/mod.ts";
import { tinyModel, tinyRows } from "../support/tiny_model.ts";

await useEngine("wasm");

const VOCABULARY = 30, TOKENS = 3, K = 6;
const random = (seed: number) => tf.randomNormal([TOKENS, VOCABULARY], 0, 2, "float32", seed) as tf.Tensor2D;
const [teacher, student] = [random(1), random(2)];
const rows = { teacher: teacher.arraySync(), student: student.arraySync() };
const labels = Int32Array.from(
  rows.teacher,
  (row, place) => namedBy(row, { k: VOCABULARY, label: 0 })[[0, 20, 29][place]],
);

/** The answer for the three tokens, its tail treated. */
async function answerWith(tail: TailOption) {
  const answer = bestTokens(teacher, { labels, topK: K });
  const inner: Teacher = {
    name: "fixed",
    topK: K,
    vocabularySize: VOCABULARY,
    identity: () => Promise.resolve({ settings: {}, digest: () => Promise.resolve("") }),
    prepare: () => Promise.resolve({ answer: () => answer, dispose: () => {} }),
  };
  const targets = await withTail(inner, tail).prepare({ labels } as TeacherBatch) as SparseTargets;
  return targets.answer(0, TOKENS);
}

const given = (probs: number[]) => {
  const named = probs.slice(0, -1), sum = named.reduce((all, p) => all + p, 0);
  return named.map((p) => p / sum);
};
const coarse = rows.teacher.map((row, place) => {
  const named = namedBy(row, { k: K, label: labels[place] });
  return { p: coarseProbs(row, named), q: coarseProbs(rows.student[place], named) };
});

Deno.test("withTail() drops the tail: every objective has its float64 value given that the token is a named one", async () => {
  const answer = await answerWith("drop");
  for (const name of objectives()) {
    const found = tf.tidy(() => objective(name).perToken(coarsened({ student, labels }, answer)).dataSync());
    const expected = coarse.map(({ p, q }) => referenceObjectives[name](given(p), given(q)));
    assertAllClose(found, expected, { atol: 2e-5, rtol: 5e-5 });
  }
});

Deno.test("withTail() drops the tail: the student's other logits have no gradient but that of the next-token loss", async () => {
  const answer = await answerWith("drop");
  const q = rows.student.map((row) => coarseProbs(row, row.map((_, id) => id)));
  const losses = (distillWeight: number) => {
    const options = { objective: objective("reverse-kl"), distillWeight, totalTokens: 1, gradient: true };
    return logitsLoss({ student: tf.clone(student), teacher: answer, labels }, options);
  };
  const distilled = losses(1).gradient!.arraySync();
  rows.teacher.forEach((row, place) => {
    const named = namedBy(row, { k: K, label: labels[place] });
    const [p, conditional] = [coarse[place].p, coarse[place].q].map(given);
    const value = conditional.reduce((sum, q, i) => sum + q * Math.log(q / p[i]), 0);
    const expected = new Array(VOCABULARY).fill(0);
    named.forEach((id, i) => expected[id] = conditional[i] * (Math.log(conditional[i] / p[i]) - value));
    assertAllClose(distilled[place], expected, { atol: 1e-6, rtol: 1e-4 });
  });
  const { gradient, lmLoss } = losses(0.4);
  const nextToken = q.map((row, place) => row.map((prob, id) => prob - (id === labels[place] ? 1 : 0)));
  const expected = nextToken.map((row, place) => row.map((value, id) => 0.6 * value + 0.4 * distilled[place][id]));
  assertAllClose(gradient!.dataSync(), expected.flat(), { atol: 1e-6, rtol: 1e-4 });
  const exact = q.reduce((sum, row, place) => sum - Math.log(row[labels[place]]), 0);
  assertAllClose(lmLoss.dataSync(), [exact], { atol: 1e-5, rtol: 1e-5 });
});

Deno.test("withTail() returns the tail's probability to the named tokens: the student learns to give others none", async () => {
  const answer = await answerWith("renormalize");
  const found = (name: "forward-kl" | "reverse-kl" | "total-variation") =>
    tf.tidy(() => [...objective(name).perToken(coarsened({ student, labels }, answer)).dataSync()]);
  const pairs = coarse.map(({ p, q }) => ({ p: given(p), q: q.slice(0, -1), rest: q.at(-1)! }));
  const forward = pairs.map(({ p, q }) => p.reduce((sum, value, i) => sum + value * Math.log(value / q[i]), 0));
  assertAllClose(found("forward-kl"), forward, { atol: 1e-5, rtol: 1e-5 });
  const variation = pairs.map(({ p, q, rest }) => p.reduce((sum, value, i) => sum + Math.abs(value - q[i]), rest) / 2);
  assertAllClose(found("total-variation"), variation, { atol: 1e-5, rtol: 1e-5 });
  assertEquals(found("reverse-kl"), [Infinity, Infinity, Infinity]);
});

Deno.test("withTail() trains, over kept answers too, and is another teacher to a resumed run", async () => {
  for (const tail of ["drop", "renormalize"] as const) {
    const teacher = withTail(cached(sparse(tinyModel(2), { topK: 5 })), tail);
    const options = { totalSteps: 4, optimizer: { learningRate: 1e-2 }, measureEvery: 1 as const };
    const trainer = new Trainer({ student: tinyModel(1), teacher, objective: objective("forward-kl"), ...options });
    const rows = tinyRows(4);
    const [first] = [await trainer.step(rows), await trainer.step(rows), await trainer.step(rows)];
    const last = await trainer.step(rows);
    assert(last.loss < first.loss && last.loss > 0, `${first.loss} to ${last.loss}`);
    assertEquals((await teacher.identity()).settings.tail, tail);
    trainer.dispose();
  }
});

Deno.test("withTail() names what it cannot use", async () => {
  const answers = sparse(tinyModel(2), { topK: 5 });
  assertThrows(
    () => withTail(answers, "cut" as TailOption),
    RangeError,
    "one of renormalize, drop, current value is cut",
  );
  const whole = { ...answers, name: "whole", topK: undefined };
  assertThrows(() => withTail(whole, "drop"), TypeError, 'the teacher must have a topK, "whole" has none');
  const aligned = { ...answers, name: "aligned", alignsSpans: true };
  assertThrows(() => withTail(aligned, "drop"), TypeError, 'those of "aligned" are of spans of text');
  const teacher = withTail(sparse(tinyModel(2), { topK: 5 }), "renormalize");
  const options = { totalSteps: 1, optimizer: { learningRate: 1e-2 } };
  const trainer = new Trainer({ student: tinyModel(1), teacher, objective: objective("reverse-kl"), ...options });
  await assertRejects(() => trainer.step(tinyRows(2)), Error, "Infinity");
});
