import * as tf from "@tensorflow/tfjs-core";
import { sliceAnswer } from "../../lib/distributions/sparse_answer.ts";
import { type Objective, objective, TokenContext } from "../../lib/objectives/mod.ts";
import { logitsLoss } from "../../lib/objectives/logits_loss.ts";
import { bestTokens } from "../../lib/teachers/sparse.ts";
import { testOnEngines } from "../engines/on_engines.ts";
import { assertAllClose, assertEquals } from "../support/mod.ts";

// Two such rows are more numbers than an objective works on at once.
const VOCABULARY = 2 ** 19 + 1, TOKENS = 2;

testOnEngines("logitsLoss() of a wide vocabulary is the sum over its tokens, in the order of the tokens", () => {
  const start = tf.memory().numTensors;
  const logits = (seed: number) => tf.randomNormal([TOKENS, VOCABULARY], 0, 2, "float32", seed) as tf.Tensor2D;
  const [student, teacher] = [logits(1), logits(2)];
  const labels = Int32Array.of(5, VOCABULARY - 1);
  const options = {
    objective: objective("amid", { alpha: 0.3, lambda: 0.2 }),
    distillWeight: 0.7,
    totalTokens: 4,
    gradient: true,
    measure: ({ student }: { student: tf.Tensor }) => tf.sum(student, 0).slice([0], [2]) as tf.Tensor1D,
  };
  const whole = tf.tidy(() => logitsLoss({ student: tf.add(student, 0), teacher, labels }, options));
  assertEquals(whole.gradient!.shape, [TOKENS, VOCABULARY]);
  tf.tidy(() => {
    let lmLoss = 0, distillLoss = 0;
    const measures = [0, 0];
    for (let token = 0; token < TOKENS; token++) {
      const row = (x: tf.Tensor2D) => tf.slice(x, [token, 0], [1, VOCABULARY]);
      const inputs = { student: row(student), teacher: row(teacher), labels: labels.slice(token, token + 1) };
      const one = logitsLoss(inputs, options);
      lmLoss += one.lmLoss.dataSync()[0];
      distillLoss += one.distillLoss.dataSync()[0];
      one.measures!.dataSync().forEach((value, index) => measures[index] += value);
      assertAllClose(row(whole.gradient!), one.gradient!.dataSync(), { atol: 1e-7, rtol: 1e-5 });
    }
    assertAllClose([whole.lmLoss.dataSync()[0], whole.distillLoss.dataSync()[0]], [lmLoss, distillLoss], {
      rtol: 1e-5,
    });
    assertAllClose(whole.measures!, measures, { atol: 1e-5 });
  });
  tf.dispose([student, teacher, whole]);
  assertEquals(tf.memory().numTensors, start);
});

testOnEngines("logitsLoss() of a wide vocabulary gives each token its own reference and its own row", () => {
  const logits = (seed: number) => tf.randomNormal([TOKENS, VOCABULARY], 0, 2, "float32", seed) as tf.Tensor2D;
  const [student, teacher, reference] = [logits(1), logits(2), logits(3)];
  const rows = [{ ids: [1, 5], promptLength: 1, fields: { weight: 3 } }, {
    ids: [2, 7],
    promptLength: 1,
    fields: { weight: 5 },
  }];
  const tokens = new TokenContext(rows);
  const objective: Objective = {
    name: "own",
    needs: { reference: true },
    perToken: ({ student, teacher, reference, tokens }) =>
      tf.mul(tokens!.field("weight"), tf.mean(tf.mul(student, tf.sub(teacher, reference!)), -1)),
  };
  const options = { objective, distillWeight: 1, totalTokens: 1, gradient: true };
  const inputs = {
    student: tf.add(student, 0) as tf.Tensor2D,
    teacher,
    reference,
    labels: Int32Array.of(5, 7),
    tokens,
  };
  const { distillLoss, gradient } = tf.tidy(() => logitsLoss(inputs, options));
  const [q, p, r] = [student, teacher, reference].map((x) => x.dataSync<"float32">());
  const slope = q.map((_, i) => (i < VOCABULARY ? 3 : 5) * (p[i] - r[i]) / VOCABULARY);
  assertAllClose([distillLoss.dataSync()[0]], [slope.reduce((sum, value, i) => sum + value * q[i], 0)], { rtol: 1e-3 });
  assertAllClose(gradient!, slope, { atol: 1e-9, rtol: 1e-5 });
  tf.dispose([student, teacher, reference, inputs.student, distillLoss, gradient!]);
});

testOnEngines("logitsLoss() of a wide vocabulary gives each token its own sparse answer", () => {
  const logits = (seed: number) => tf.randomNormal([TOKENS, VOCABULARY], 0, 2, "float32", seed) as tf.Tensor2D;
  const [student, teacher] = [logits(1), logits(2)];
  const labels = Int32Array.of(5, VOCABULARY - 1);
  const answer = bestTokens(teacher, { labels, topK: 3 });
  const options = { objective: objective("amid"), distillWeight: 0.7, totalTokens: 4, gradient: true };
  const whole = tf.tidy(() => logitsLoss({ student: tf.add(student, 0), teacher: answer, labels }, options));
  tf.dispose(teacher);
  tf.tidy(() => {
    let distillLoss = 0;
    for (let token = 0; token < TOKENS; token++) {
      const row = tf.slice(student, [token, 0], [1, VOCABULARY]);
      const inputs = {
        student: tf.add(row, 0) as tf.Tensor2D,
        teacher: sliceAnswer(answer, { start: token, size: 1 }),
        labels: labels.slice(token, token + 1),
      };
      const one = logitsLoss(inputs, options);
      distillLoss += one.distillLoss.dataSync()[0];
      const expected = one.gradient!.dataSync();
      assertAllClose(tf.slice(whole.gradient!, [token, 0], [1, VOCABULARY]), expected, { atol: 1e-7, rtol: 1e-5 });
    }
    assertAllClose(whole.distillLoss.dataSync()[0], distillLoss, { rtol: 1e-5 });
  });
  tf.dispose([student, whole]);
});
