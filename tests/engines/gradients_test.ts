/** The whole step of a GPT-2 against autodiff of the textbook's formulas on the reference engine. */
import * as tf from "@tensorflow/tfjs-core";
import { useEngine } from "../../lib/engines/mod.ts";
import { objective } from "../../lib/objectives/mod.ts";
import { Trainer } from "../../lib/training/step/trainer.ts";
import { assert } from "../support/mod.ts";
import { tinyModel, tinyRows } from "../support/tiny_model.ts";
import { testOnEngines } from "./on_engines.ts";

const ALPHA = 0, LAMBDA = 0.3, WEIGHT = 0.7;
const rows = tinyRows(4, { seed: 3 });

/** `KL(p‖r)` with r as it is defined: powers and roots of softmaxes, traced by autodiff through each operation. */
function mixtureLoss(student: tf.Tensor, teacher: tf.Tensor): tf.Tensor {
  const [p, q] = [teacher, student].map((logits) => tf.softmax(logits));
  const exponent = (1 - ALPHA) / 2;
  const powers = tf.add(tf.mul(tf.pow(p, exponent), LAMBDA), tf.mul(tf.pow(q, exponent), 1 - LAMBDA));
  const mixed = tf.pow(powers, 1 / exponent);
  const r = tf.div(mixed, tf.sum(mixed, -1, true));
  return tf.sum(tf.mul(p, tf.sub(tf.log(p), tf.log(r))), -1);
}

/** Gradients of every parameter by name: rows one by one, all logits, autodiff. */
async function textbookGradients(): Promise<Map<string, readonly number[]>> {
  await useEngine("cpu");
  const student = tinyModel(1), teacher = tinyModel(2, { n_layer: 1 });
  const kept = rows.reduce((sum, { ids, promptLength }) => sum + ids.length - promptLength, 0);
  const { value, grads } = tf.variableGrads(() => {
    const losses = rows.map(({ ids, promptLength }) => {
      const inputIds = [ids.slice(0, -1)];
      const from = promptLength - 1, count = ids.length - promptLength;
      const [q, p] = [student, teacher].map((model) =>
        tf.slice(tf.squeeze(model.logits({ inputIds }), [0]), [from, 0], [count, -1])
      );
      const hot = tf.oneHot(tf.tensor1d(ids.slice(promptLength), "int32"), q.shape[1]!);
      const nextToken = tf.neg(tf.sum(tf.mul(hot, tf.logSoftmax(q)), -1));
      return tf.sum(tf.add(tf.mul(nextToken, 1 - WEIGHT), tf.mul(mixtureLoss(q, p), WEIGHT)));
    });
    return tf.div(tf.addN(losses), kept) as tf.Scalar;
  }, [...student.parameters.values()]);
  const found = [...student.parameters].map(([name, { name: variable }]) =>
    [name, [...grads[variable].dataSync()]] as const
  );
  tf.dispose([value, ...Object.values(grads)]);
  [student, teacher].forEach((model) => model.dispose());
  return new Map(found);
}

testOnEngines("every gradient of a GPT-2 step is the textbook's autodiff on cpu, to 1e-5", async (engine) => {
  const expected = await textbookGradients();
  await useEngine(engine);
  for (const chunkSize of [1, 7, 64]) {
    const student = tinyModel(1), teacher = tinyModel(2, { n_layer: 1 });
    const trainer = new Trainer({
      student,
      teacher,
      distillWeight: WEIGHT,
      chunkSize,
      totalSteps: 10,
      objective: objective("amid", { order: "pr", alpha: ALPHA, lambda: LAMBDA }),
      optimizer: { learningRate: 1e-3, clipNorm: 0 },
    });
    await trainer.step(rows);
    // After one step the first moments are a tenth of the gradients.
    for (const [name, moment] of trainer.optimizer.slots.get("first")!) {
      const wanted = expected.get(name)!;
      moment.dataSync().forEach((value, i) => {
        const error = Math.abs(10 * value - wanted[i]);
        assert(error <= 1e-5, `${name}, element ${i}: ${10 * value} against ${wanted[i]}`);
      });
    }
    trainer.dispose();
    [student, teacher].forEach((model) => model.dispose());
  }
});
