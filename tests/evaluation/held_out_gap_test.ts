import * as tf from "@tensorflow/tfjs-core";
import { useEngine } from "../../lib/engines/mod.ts";
import { heldOutGap } from "../../lib/evaluation/held_out_gap.ts";
import { initializeModel } from "../../lib/models/initialize_model.ts";
import { assertAllClose, assertEquals, assertRejects } from "../support/mod.ts";

await useEngine("wasm");

const config = { model_type: "gpt2", vocab_size: 13, n_positions: 12, n_embd: 8, n_head: 2, n_layer: 1 };
const rows = [
  { ids: [1, 2, 3, 4, 5], promptLength: 2 },
  { ids: [6, 7, 8], promptLength: 1 },
  { ids: [9, 10, 11, 12, 1, 2, 3], promptLength: 4 },
];

/** Log-probabilities of every position of a row, in float64 from the model's logits. */
async function logProbabilities(model: ReturnType<typeof initializeModel>, ids: number[]): Promise<number[][]> {
  const logits = tf.tidy(() => model.logits({ inputIds: [ids] }).squeeze([0]) as tf.Tensor2D);
  const values = await logits.array();
  logits.dispose();
  return values.map((row) => {
    const highest = Math.max(...row);
    const total = Math.log(row.reduce((sum, value) => sum + Math.exp(value - highest), 0)) + highest;
    return row.map((value) => value - total);
  });
}

Deno.test("heldOutGap() has the means over response tokens of a computation in float64", async () => {
  const [teacher, student] = [1, 2].map((seed) => initializeModel(config, { seed }));
  const sums = { kl: 0, p: 0, q: 0, same: 0, tokens: 0 };
  for (const { ids, promptLength } of rows) {
    const [p, q] = [await logProbabilities(teacher, ids), await logProbabilities(student, ids)];
    for (let at = promptLength - 1; at < ids.length - 1; at++) {
      p[at].forEach((logP, token) => {
        sums.kl += Math.exp(logP) * (logP - q[at][token]);
        sums.p -= Math.exp(logP) * logP;
        sums.q -= Math.exp(q[at][token]) * q[at][token];
      });
      const most = (values: number[]) => values.indexOf(Math.max(...values));
      sums.same += most(p[at]) === most(q[at]) ? 1 : 0;
      sums.tokens++;
    }
  }
  for (const batchSize of [1, 2, 16]) {
    const before = tf.memory().numTensors;
    const gap = await heldOutGap(rows, { teacher, student, batchSize });
    const { klTeacherStudent, teacherEntropy, studentEntropy, agreement } = gap;
    assertAllClose(
      [klTeacherStudent, teacherEntropy, studentEntropy, agreement],
      [sums.kl, sums.p, sums.q, sums.same].map((sum) => sum / sums.tokens),
    );
    assertEquals(tf.memory().numTensors, before);
  }
});

Deno.test("heldOutGap() needs rows, and models of the same tokens", async () => {
  const model = initializeModel(config, { seed: 1 });
  const other = initializeModel({ ...config, vocab_size: 14 }, { seed: 1 });
  await assertRejects(() => heldOutGap([], { teacher: model, student: model }), RangeError, "current count is 0");
  await assertRejects(() => heldOutGap(rows, { teacher: model, student: other }), RangeError, "14");
});
