import * as tf from "@tensorflow/tfjs-core";
import type { Row } from "../../lib/batches/row.ts";
import { packTokens } from "../../lib/batches/packed_tokens.ts";
import { useEngine } from "../../lib/engines/mod.ts";
import type { LanguageModel } from "../../lib/models/language_model.ts";
import { objective } from "../../lib/objectives/mod.ts";
import { distill, type StepEvent } from "../../lib/training/run/distill.ts";
import { runIdentity } from "../../lib/training/run/run_identity.ts";
import { Trainer, type TrainerOptions } from "../../lib/training/step/trainer.ts";
import { auxiliaryModel, spreadLoss } from "../support/auxiliary_model.ts";
import { assert, assertAllClose, assertEquals, assertRejects, assertThrows } from "../support/mod.ts";
import { ranks, testWithMpi } from "../support/ranks.ts";
import { TINY_VOCABULARY, tinyModel, tinyRows } from "../support/tiny_model.ts";

await useEngine("cpu");

const usual = tinyRows(7, { preamble: true });
const textRows = tinyRows(3, { seed: 5 });
const sharp = { atol: 1e-6, rtol: 1e-4 };

interface Step {
  loss: number;
  spread: number;
  gradients: Record<string, number[]>;
}

/** A step by autodiff: every row by itself, all of its tokens in the sums. */
function textbook(
  student: LanguageModel,
  weight: number,
  { textRows = [], rows = usual }: { textRows?: readonly Row[]; rows?: readonly Row[] } = {},
): Step {
  let spread = 0;
  const parameters = [...student.parameters.values()];
  const { value, grads } = tf.variableGrads(() => {
    const sums: tf.Tensor[] = [];
    const meanOf = (rows: readonly Row[]) => {
      const losses = rows.map(({ ids, promptLength }) => {
        const found = student.statesAndSums(packTokens([ids.slice(0, student.config.contextLength)]), {
          losses: [spreadLoss],
        });
        sums.push(found.sums[0]);
        const logs = tf.logSoftmax(student.logitsOf(found.states));
        const labels = tf.oneHot(tf.tensor1d(ids.slice(promptLength), "int32"), student.vocabularySize);
        return tf.neg(tf.sum(tf.mul(tf.slice(logs, [promptLength - 1, 0], [ids.length - promptLength, -1]), labels)));
      });
      return tf.div(tf.addN(losses), rows.reduce((sum, { ids, promptLength }) => sum + ids.length - promptLength, 0));
    };
    let loss = meanOf(rows);
    if (textRows.length > 0) loss = tf.add(loss, tf.mul(0.3, meanOf(textRows)));
    const total = tf.addN(sums);
    const means = tf.div(tf.slice(total, 0, 6), tf.slice(total, 6));
    const square = tf.sum(tf.square(means));
    spread = square.dataSync()[0];
    return tf.add(loss, tf.mul(square, weight)) as tf.Scalar;
  }, parameters);
  const zeros = (size: number) => new Array(size).fill(0);
  return {
    loss: value.dataSync()[0],
    spread,
    gradients: Object.fromEntries(
      [...student.parameters].map(([name, { name: id, size }]) => [name, [...grads[id]?.dataSync() ?? zeros(size)]]),
    ),
  };
}

async function stepped(
  changes: Partial<TrainerOptions> = {},
  { textRows, rows = usual }: { textRows?: readonly Row[]; rows?: readonly Row[] } = {},
): Promise<Step> {
  const student = auxiliaryModel(1);
  const optimizer = { learningRate: 1e-3, clipNorm: 0 };
  const trainer = new Trainer({ student, totalSteps: 4, optimizer, ...changes });
  const { loss, auxiliaryLosses } = await trainer.step(rows, { textRows });
  const moments = [...trainer.optimizer.slots.get("first")!];
  const gradients = moments.map(([name, moment]) => [name, Array.from(moment.dataSync(), (part) => 10 * part)]);
  trainer.dispose();
  student.dispose();
  return { loss, spread: auxiliaryLosses?.spreadLoss ?? NaN, gradients: Object.fromEntries(gradients) };
}

function assertSame(actual: Step, expected: Step): void {
  assertAllClose([actual.loss, actual.spread], [expected.loss, expected.spread], sharp);
  for (const [name, gradient] of Object.entries(expected.gradients)) {
    assertAllClose(actual.gradients[name], gradient, sharp);
  }
}

Deno.test("step() adds auxiliary losses over all tokens of the step, with the gradient of autodiff, however it is divided", async () => {
  const expected = textbook(auxiliaryModel(1), 0.5);
  assert(expected.spread > 0.01);
  for (const changes of [{}, { microBatchSize: 3 }, { microBatchSize: 1, chunkSize: 2 }, { recompute: true }]) {
    assertSame(await stepped(changes), expected);
  }
  assertSame(await stepped({ microBatchSize: 2, recompute: true }), expected);
  assertSame(await stepped({ auxiliaryWeights: { spreadLoss: 4 } }), textbook(auxiliaryModel(1), 4));
});

Deno.test("step() takes auxiliary losses over its corpus rows too", async () => {
  const expected = textbook(auxiliaryModel(1), 0.5, { textRows });
  for (const changes of [{}, { microBatchSize: 2 }, { recompute: true }]) {
    assertSame(await stepped({ textWeight: 0.3, ...changes }, { textRows }), expected);
  }
});

Deno.test("step() takes a row of one token more than the context: auxiliary losses are without that token", async () => {
  const long = { ids: Array.from({ length: 65 }, (_, place) => (7 * place) % TINY_VOCABULARY), promptLength: 60 };
  const rows = [...usual, long];
  const expected = textbook(auxiliaryModel(1), 0.5, { rows });
  for (const changes of [{}, { microBatchSize: 2 }]) assertSame(await stepped(changes, { rows }), expected);
  const longer = { ...long, ids: [...long.ids, 1] };
  await assertRejects(() => stepped({}, { rows: [longer] }), RangeError, "the model's context is 64 positions");
});

Deno.test("step() leaves auxiliary losses without weight out, and gives an unused parameter a gradient of zeros", async () => {
  const { loss, spread, gradients } = await stepped({ auxiliaryWeights: { spreadLoss: 0 } });
  const expected = textbook(auxiliaryModel(1), 0);
  assertAllClose([loss], [expected.loss], sharp);
  assertEquals(spread, NaN);
  assertAllClose(gradients["0.weight"], expected.gradients["0.weight"], sharp);
  assertEquals(gradients["idle.weight"], new Array(36).fill(0));
});

Deno.test("step() leaves no tensor of auxiliary losses behind", async () => {
  const before = tf.memory().numTensors;
  await stepped({ microBatchSize: 2, recompute: true, textWeight: 0.3 }, { textRows });
  await stepped();
  assertEquals(tf.memory().numTensors, before);
});

testWithMpi("step() takes auxiliary losses over the rows of all ranks, of those without a row too", async () => {
  const expected = textbook(auxiliaryModel(1), 0.5);
  const program = new URL("../distributed/programs/auxiliary_step.ts", import.meta.url);
  for (const [size, options] of [[2, {}], [3, { microBatchSize: 2 }], [8, { recompute: true }]] as const) {
    const lines = await ranks<Step & { rank: number }>(size, program, {
      args: [JSON.stringify(options)],
      permissions: ["--allow-env"],
    });
    for (const line of lines) assertSame(line, expected);
  }
});

Deno.test("distill() reports auxiliary losses by name, and their weights are part of a run's identity", async () => {
  const student = auxiliaryModel(1);
  const teacher = tinyModel(2);
  const optimizer = { learningRate: 1e-3 };
  const options = {
    student,
    teacher,
    objective: objective("forward-kl"),
    rows: usual,
    batchSize: 4,
    totalSteps: 2,
    optimizer,
  };
  const steps: StepEvent[] = [];
  const auxiliaryWeights = { spreadLoss: 2 };
  for await (const event of distill({ ...options, auxiliaryWeights })) if (event.type === "step") steps.push(event);
  for (const { loss, distillLoss, metrics } of steps) {
    assert(metrics!.spreadLoss > 0);
    assertAllClose([loss], [distillLoss + 2 * metrics!.spreadLoss], { atol: 1e-6 });
  }
  const identity = async (changes: { auxiliaryWeights?: Record<string, number> }) =>
    (await runIdentity({ ...options, ...changes })).settings["auxiliaryWeights.spreadLoss"];
  assertEquals([await identity({}), await identity({ auxiliaryWeights })], [undefined, "2"]);
});

Deno.test("Trainer refuses weights of losses that its student does not have, and weights below 0", () => {
  const optimizer = { learningRate: 1e-3 };
  const make = (student: LanguageModel, auxiliaryWeights: Record<string, number>) => () =>
    new Trainer({ student, totalSteps: 2, optimizer, auxiliaryWeights });
  assertThrows(make(auxiliaryModel(1), { balance: 1 }), RangeError, `spreadLoss, current value is "balance"`);
  assertThrows(make(tinyModel(1), { spreadLoss: 1 }), RangeError, "and the student has none");
  assertThrows(
    make(auxiliaryModel(1), { spreadLoss: -1 }),
    RangeError,
    "must be a non-negative number, current value is -1",
  );
});

Deno.test("step() names what is not finite where an auxiliary loss is not", async () => {
  const student = auxiliaryModel(1);
  student.parameters.get("1.weight")!.assign(tf.fill([6, 6], NaN));
  const trainer = new Trainer({ student, totalSteps: 2, optimizer: { learningRate: 1e-3 } });
  await assertRejects(() => trainer.step(usual), Error, `the student's parameter "1.weight" is NaN at index 0`);
});
