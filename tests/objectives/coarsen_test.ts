import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { checkSparseAnswer } from "../../lib/distributions/check_sparse_answer.ts";
import { namedTokens } from "../../lib/distributions/named_tokens.ts";
import type { SparseAnswer } from "../../lib/distributions/sparse_answer.ts";
import { type DivergenceOption, divergences } from "../../lib/divergences/mod.ts";
import { useEngine } from "../../lib/engines/mod.ts";
import { logitsLoss } from "../../lib/objectives/logits_loss.ts";
import {
  coarsened,
  combined,
  composition,
  gapMeasures,
  type Objective,
  objective,
  objectives,
  type Order,
  tempered,
} from "../../lib/objectives/mod.ts";
import { bestTokens } from "../../lib/teachers/sparse.ts";
import { referenceDivergences } from "../divergences/reference.ts";
import { testOnEngines } from "../engines/on_engines.ts";
import { assert, assertAllClose, assertEquals, assertThrows } from "../support/mod.ts";
import { coarseProbs, mixed, namedBy, ordered, referenceObjectives } from "./coarse_reference.ts";

await useEngine("wasm");

const VOCABULARY = 80, TOKENS = 4;
const SIZES = [1, 8, 64, VOCABULARY];
const ORDERS: Order[] = ["pr", "qr", "rp", "rq", "pq", "qp"];
const ASSISTANTS = [-Infinity, -4, -1, 0.5, 1, 3, Infinity].flatMap((alpha) =>
  [0.3, 0.83].map((lambda) => ({ alpha, lambda }))
);

const random = (seed: number, scale = 2) =>
  tf.randomNormal([TOKENS, VOCABULARY], 0, scale, "float32", seed) as tf.Tensor2D;
const [teacher, student] = [random(1), random(2)];
const rows = { teacher: teacher.arraySync(), student: student.arraySync() };
// Of each teacher's row one of the best tokens, one in the middle, the last; whatever is the fourth.
const labels = Int32Array.from(
  rows.teacher,
  (row, place) => namedBy(row, { k: VOCABULARY, label: 0 })[[0, 30, 79, 5][place]],
);

const answers = new Map(SIZES.map((topK) => [topK, bestTokens(teacher, { labels, topK })]));

/** Values of an objective on coarse logits. */
const valuesOf = (objective: Objective, answer: SparseAnswer): ArrayLike<number> =>
  tf.tidy(() => objective.perToken(coarsened({ student, labels }, answer)).dataSync());

/** Both distributions of each token, coarsened in float64. */
const pairsOf = (topK: number) =>
  rows.teacher.map((row, place) => {
    const named = namedBy(row, { k: topK, label: labels[place] });
    return { p: coarseProbs(row, named), q: coarseProbs(rows.student[place], named) };
  });

Deno.test("coarsened() gives every objective the value of the coarse distributions in float64, for k = 1, 8, 64 and V", () => {
  assertEquals(Object.keys(referenceObjectives).sort(), objectives().sort());
  for (const [topK, answer] of answers) {
    for (const name of objectives()) {
      const expected = pairsOf(topK).map(({ p, q }) => referenceObjectives[name](p, q));
      assertAllClose(valuesOf(objective(name), answer), expected, { atol: 2e-5, rtol: 5e-5 });
    }
  }
});

for (const order of ORDERS) {
  Deno.test(`coarsened() gives every divergence of order ${order} with every assistant its float64 value, for k = 1, 8, 64 and V`, () => {
    const assistants = order.includes("r") ? ASSISTANTS : ASSISTANTS.slice(0, 1);
    for (const [topK, answer] of answers) {
      const pairs = pairsOf(topK);
      for (const [divergence, reference] of referenceDivergences) {
        for (const assistant of assistants) {
          const made = objective("amid", { divergence: divergence as DivergenceOption, order, ...assistant });
          const expected = pairs.map(({ p, q }) => ordered(reference, { order, p, q, r: mixed(p, q, assistant) }));
          assertAllClose(valuesOf(made, answer), expected, { atol: 1e-4, rtol: 2e-4 });
        }
      }
    }
  });
}

/** The student's coarse logits by plain operations, which tensorflow.js differentiates itself. */
function plainCoarse(student: tf.Tensor, answer: SparseAnswer): tf.Tensor {
  const { ids, open } = namedTokens(answer.ids, labels);
  const flat = [...ids].map((id, at) => Math.floor(at * TOKENS / ids.length) * VOCABULARY + id);
  const named = tf.reshape(tf.gather(tf.reshape(student, [-1]), tf.tensor1d(flat, "int32")), [TOKENS, -1]);
  const places = Array.from({ length: student.size }, (_, at) => !flat.includes(at));
  const outside = tf.tensor2d(places, [TOKENS, VOCABULARY], "bool");
  const rest = tf.logSumExp(tf.where(outside, student, tf.fill(student.shape, -1e30)), -1, true);
  return tf.add(tf.concat([named, rest], 1), tf.tensor2d(open, [TOKENS, open.length / TOKENS]));
}

testOnEngines(
  "coarsened() has the gradient that autodiff finds of plain operations, for every objective and order",
  () => {
    const weights = tf.tensor1d([0.5, 2, -1, 1]);
    const all = [
      ...objectives().map((name) => objective(name)),
      ...ORDERS.flatMap((order) => [-1, 0.5].map((alpha) => objective("amid", { order, alpha, lambda: 0.3 }))),
      objective("amid", { order: "rq", alpha: 2, detachAssistant: true }),
      tempered(objective("amid", { divergence: "renyi" }), 2),
    ];
    for (const topK of [1, 8, VOCABULARY]) {
      const answer = answers.get(topK)!;
      for (const { perToken } of all) {
        tf.tidy(() => {
          const teacher = coarsened({ student, labels }, answer).teacher;
          const ours = tf.valueAndGrad((student: tf.Tensor) =>
            tf.sum(tf.mul(perToken(coarsened({ student: student as tf.Tensor2D, labels }, answer)), weights))
          )(student);
          const plain = tf.valueAndGrad((student: tf.Tensor) =>
            tf.sum(tf.mul(perToken({ student: plainCoarse(student, answer), teacher }), weights))
          )(student);
          assertAllClose(ours.value, plain.value);
          assertAllClose(ours.grad, plain.grad, { atol: 1e-6 });
        });
      }
    }
  },
);

testOnEngines("logitsLoss() of an answer with all tokens is that of the logits, and of fewer that of autodiff", () => {
  const common = { totalTokens: 7, gradient: true };
  const all = [...objectives().map((name) => objective(name)), tempered(objective("amid"), 2)];
  const run = (teacher: tf.Tensor2D | SparseAnswer, objective: Objective, softCap?: number) =>
    logitsLoss({ student: tf.add(student, 0) as tf.Tensor2D, teacher, labels }, {
      ...common,
      objective,
      softCap,
      distillWeight: 0.6,
    });
  for (const objective of all) {
    tf.tidy(() => {
      const [dense, sparse] = [teacher, answers.get(VOCABULARY)!].map((each) => run(each, objective, 3));
      assertAllClose([sparse.lmLoss.dataSync()[0]], [dense.lmLoss.dataSync()[0]]);
      assertAllClose([sparse.distillLoss.dataSync()[0]], [dense.distillLoss.dataSync()[0]]);
      assertAllClose(sparse.gradient!, dense.gradient!, { atol: 1e-5 });
    });
  }
  const own: Objective = {
    name: "squares",
    comparesDistributions: true,
    perToken: ({ student, teacher }) => tf.sum(tf.squaredDifference(tf.softmax(student), tf.softmax(teacher)), -1),
  };
  for (const [objective, topK] of [[all[0], 8], [own, 8], [own, 1]] as const) {
    tf.tidy(() => {
      const answer = answers.get(topK)!;
      const { teacher } = coarsened({ student, labels }, answer);
      const hot = tf.oneHot(tf.tensor1d(labels, "int32"), VOCABULARY);
      const loss = tf.valueAndGrad((student: tf.Tensor) => {
        const distilled = tf.sum(objective.perToken({ student: plainCoarse(student, answer), teacher }));
        const next = tf.neg(tf.sum(tf.mul(hot, tf.logSoftmax(student))));
        return tf.div(tf.add(tf.mul(distilled, 0.6), tf.mul(next, 0.4)), 7) as tf.Scalar;
      })(student);
      const { lmLoss, distillLoss, gradient } = run(answer, objective);
      assertAllClose([0.6 * distillLoss.dataSync()[0] + 0.4 * lmLoss.dataSync()[0]], loss.value);
      assertAllClose(gradient!, loss.grad, { atol: 1e-6 });
    });
  }
});

/** Divergences that lose nothing but information where tokens are put together. */
const processed: [string, Objective][] = divergences().filter((name) => name !== "alpha-beta").flatMap((divergence) =>
  (["pq", "qp"] as Order[]).map((order): [string, Objective] => [
    `${divergence} ${order}`,
    objective("amid", { divergence, order }),
  ])
).concat((["pr", "qr", "rp", "rq"] as Order[]).map((order) => [
  `kl ${order}`,
  objective("amid", { order, alpha: -1, lambda: 0.3 }),
]));

Deno.test("coarsened() never makes a divergence larger: the data-processing inequality", () => {
  const logits = fc.array(fc.double({ min: -6, max: 6, noNaN: true }), { minLength: 12, maxLength: 12 });
  fc.assert(
    fc.property(
      logits,
      logits,
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 0, max: 11 }),
      (p, q, topK, label) => {
        tf.tidy(() => {
          const pair = { teacher: tf.tensor2d([p]), student: tf.tensor2d([q]) };
          const labels = Int32Array.of(label);
          const coarse = coarsened({ student: pair.student, labels }, bestTokens(pair.teacher, { labels, topK }));
          for (const [name, { perToken }] of processed) {
            const [fewer, whole] = [coarse, pair].map((logits) => perToken(logits).dataSync()[0]);
            assert(fewer <= whole * (1 + 1e-4) + 1e-5, `${name}: ${fewer} of ${topK} tokens against ${whole}`);
          }
        });
      },
    ),
    { numRuns: 40 },
  );
});

Deno.test("coarsened() has a finite value, at least 0, and a finite gradient at logits of ±100", () => {
  const logit = fc.oneof(fc.constantFrom(-100, 0, 100), fc.double({ min: -100, max: 100, noNaN: true }));
  const logits = fc.array(logit, { minLength: 6, maxLength: 6 });
  const all = [
    ...objectives().map((name) => objective(name)),
    ...ORDERS.flatMap((order) => [-10, 1, 10].map((alpha) => objective("amid", { order, alpha, lambda: 0.3 }))),
  ];
  fc.assert(
    fc.property(logits, logits, fc.integer({ min: 1, max: 6 }), fc.integer({ min: 0, max: 5 }), (p, q, topK, label) => {
      tf.tidy(() => {
        const labels = Int32Array.of(label);
        const answer = bestTokens(tf.tensor2d([p]), { labels, topK });
        checkSparseAnswer(answer, { labels, vocabularySize: 6, topK, source: "t", placeOf: String });
        for (const objective of all) {
          const loss = logitsLoss({ student: tf.tensor2d([q]), teacher: answer, labels }, {
            objective,
            distillWeight: 1,
            totalTokens: 1,
            gradient: true,
          });
          const value = loss.distillLoss.dataSync()[0];
          assert(Number.isFinite(value) && value >= 0, `${objective.name}: ${value}`);
          assert(loss.gradient!.dataSync().every(Number.isFinite), objective.name);
        }
      });
    }),
    { numRuns: 20 },
  );
});

Deno.test("coarsened() takes a student's logit of −∞ as a token that is not there, and NaN as one that spoils its row", () => {
  const excluded = tf.concat([student.slice([0, 0], [TOKENS, VOCABULARY - 2]), tf.fill([TOKENS, 2], -Infinity)], 1);
  const answer = answers.get(8)!;
  const without = coarsened({ student: excluded as tf.Tensor2D, labels: labels.map((label) => label % 78) }, answer);
  const values = objective("amid").perToken(without).dataSync();
  assert(values.every(Number.isFinite), String(values));
  const broken = tf.add(student, tf.oneHot(tf.tensor1d([-1, 3, -1, -1], "int32"), VOCABULARY, NaN, 0)) as tf.Tensor2D;
  const spoilt = objective("amid").perToken(coarsened({ student: broken, labels }, answer)).dataSync();
  assertEquals([...spoilt].map(Number.isNaN), [false, true, false, false]);
});

Deno.test("coarsened() gives weights the reference's distribution over the same columns", () => {
  const reference = random(3);
  const perRow: Objective = combined("by reference", {
    parts: [composition({ divergence: "kl", order: "pq" })],
    weigh: (_, { reference }) => [tf.neg(tf.sum(tf.mul(reference!.probs, reference!.logProbs), -1))],
    needs: { reference: true },
  });
  const answer = answers.get(8)!;
  const values = perRow.perToken(coarsened({ student, labels, reference }, answer)).dataSync();
  const expected = pairsOf(8).map(({ p, q }, place) => {
    const r = coarseProbs(reference.arraySync()[place], namedBy(rows.teacher[place], { k: 8, label: labels[place] }));
    const entropy = -r.reduce((sum, value) => sum + value * Math.log(value), 0);
    return entropy * referenceObjectives["forward-kl"](p, q);
  });
  assertAllClose(values, expected, { rtol: 1e-4 });
});

Deno.test("gapMeasures() of coarse logits has the agreement of the whole ones", () => {
  const near = tf.add(teacher, random(4, 0.7)) as tf.Tensor2D;
  for (const student of [near, random(5)]) {
    const whole = gapMeasures({ student, teacher }).agreement.dataSync();
    for (const answer of answers.values()) {
      assertEquals(gapMeasures(coarsened({ student, labels }, answer)).agreement.dataSync(), whole);
    }
  }
});

testOnEngines("coarsened() and logitsLoss() of an answer leave no other tensor behind", () => {
  const answer = answers.get(8)!;
  const before = tf.memory().numTensors;
  const { student: coarse, teacher, largestOfRest } = coarsened({ student, labels }, answer);
  assertEquals(tf.memory().numTensors, before + 3);
  tf.tidy(() => void coarsened({ student, labels }, answer));
  assertEquals(tf.memory().numTensors, before + 3);
  tf.dispose([coarse, teacher, largestOfRest!]);
  const inputs = { student: tf.add(student, 0) as tf.Tensor2D, teacher: answer, labels };
  const options = { objective: objective("amid"), distillWeight: 1, totalTokens: 1, gradient: true };
  const { gradient, lmLoss, distillLoss } = logitsLoss(inputs, options);
  tf.dispose([gradient!, lmLoss, distillLoss, inputs.student]);
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("coarsened() refuses an answer for other tokens, and reports where it is wrong", () => {
  const answer = answers.get(8)!;
  const inputs = { student, labels };
  const twice = { ...answer, ids: answer.ids.map((id, at) => at === 9 ? answer.ids[8] : id) };
  assertThrows(
    () => coarsened(inputs, twice),
    RangeError,
    "Cannot learn from the answer: in token 1, the 8 tokens must be distinct",
  );
  const fewer = { student, labels: labels.slice(1) };
  assertThrows(() => coarsened(fewer, answer), RangeError, "ids must have 24 values, for 3 positions");
  const narrow = { student: student.slice([0, 0], [TOKENS, 40]), labels };
  assertThrows(() => coarsened(narrow, answer), RangeError, "token ids must be from 0 to 39");
  assertThrows(
    () => coarsened(inputs, {} as SparseAnswer),
    TypeError,
    "ids of an answer must be of type Int32Array",
  );
});
