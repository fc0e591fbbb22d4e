import * as tf from "@tensorflow/tfjs-core";
import { useEngine } from "../../lib/engines/mod.ts";
import type { ModelFamily } from "../../lib/models/family.ts";
import { LanguageModel } from "../../lib/models/language_model.ts";
import { objective } from "../../lib/objectives/mod.ts";
import { distill, type DistillEvent, type DistillOptions } from "../../lib/training/run/distill.ts";
import { readFailedStep, replayFailedStep } from "../../lib/training/run/failed_step.ts";
import { NonFiniteLossError, Trainer, type TrainerOptions } from "../../lib/training/step/trainer.ts";
import { assert, assertEquals, assertRejects } from "../support/mod.ts";
import { tinyModel, tinyRows } from "../support/tiny_model.ts";

await useEngine("wasm");

const rows = tinyRows(6);

/** A model with one weight changed. */
function withWeight(model: LanguageModel, name: string, change: { index: number; value: number }): LanguageModel {
  const parameter = model.parameters.get(name)!;
  const numbers = parameter.dataSync().slice();
  numbers[change.index] = change.value;
  parameter.assign(tf.tensor(numbers, parameter.shape));
  return model;
}

/** A teacher with a head of its own, of which one weight, and so one token's logits and nothing else, is spoilt. */
function teacherWithLogit(value: number): LanguageModel {
  const { family, config, parameters } = tinyModel(2, { n_layer: 1 });
  const { head } = withWeight(tinyModel(2), "transformer.wte.weight", { index: 16 * 9, value });
  const spoilt: ModelFamily = {
    ...family,
    headName: "lm_head.weight",
    // The states' first place is 1, so that the head's first column reaches the logits as it is.
    states: (config, inputs) => {
      const states = family.states(config, inputs);
      return tf.concat([tf.ones([states.shape[0], 1]), tf.slice(states, [0, 1])], 1);
    },
  };
  return new LanguageModel(spoilt, { ...config, tiedHead: false }, new Map([...parameters, ["lm_head.weight", head]]));
}

const optionsOf = (changes: Partial<TrainerOptions> = {}): TrainerOptions => ({
  student: tinyModel(1),
  teacher: tinyModel(2),
  objective: objective("gkd"),
  totalSteps: 8,
  optimizer: { learningRate: 1e-2 },
  ...changes,
});

Deno.test("step() names the model, token, row and place where a logit is not a number", async () => {
  const cases: [Partial<TrainerOptions>, string][] = [
    [{ teacher: teacherWithLogit(Infinity) }, "distillLoss is NaN: the teacher's logit of token 9 is Infinity"],
    [
      { teacher: teacherWithLogit(NaN) },
      "the teacher's logit of token 9 is NaN where response token 0 is predicted in",
    ],
    [
      { student: withWeight(tinyModel(1), "transformer.h.1.mlp.c_fc.bias", { index: 3, value: NaN }) },
      `row 0, for the student's parameter "transformer.h.1.mlp.c_fc.bias" is NaN at index 3`,
    ],
  ];
  for (const [changes, part] of cases) {
    await assertRejects(() => new Trainer(optionsOf(changes)).step(rows), NonFiniteLossError, part);
  }
});

Deno.test("step() lets a teacher exclude a token, and names it where the objective cannot bear that", async () => {
  const teacher = teacherWithLogit(-Infinity);
  const { loss } = await new Trainer(optionsOf({ teacher })).step(rows);
  assert(Number.isFinite(loss));
  const reverse = new Trainer(optionsOf({ teacher, objective: objective("reverse-kl") }));
  const part =
    "the loss reverse-kl of response token 0 is Infinity, where the teacher's logit of token 9 is -Infinity, in";
  await assertRejects(() => reverse.step(rows), NonFiniteLossError, part);
});

Deno.test("step() names the objective, or the gradient, where logits are finite", async () => {
  const broken = {
    name: "broken",
    perToken: ({ student }: { student: tf.Tensor }) => tf.mul(tf.sum(student, -1), NaN),
  };
  const one = [{ ids: [1, 2], promptLength: 1 }];
  const nan = new Trainer(optionsOf({ objective: broken }));
  await assertRejects(() => nan.step(one), NonFiniteLossError, "the loss broken of response token 0 is NaN in row 0");
  const steep = {
    name: "steep",
    perToken: objective("gkd").perToken,
    valueAndGradient: ({ student }: { student: tf.Tensor }) => ({
      values: tf.zeros([student.shape[0]]),
      gradient: tf.fill(student.shape, Infinity),
    }),
  };
  const trainer = new Trainer(optionsOf({ objective: steep }));
  await assertRejects(() => trainer.step(rows), NonFiniteLossError, `gradNorm is NaN: the gradient of "transformer.`);
  const large = {
    ...steep,
    valueAndGradient: ({ student }: { student: tf.Tensor }) => ({
      values: tf.zeros([student.shape[0]]),
      gradient: tf.mul(tf.sign(student), 1e25),
    }),
  };
  const huge = new Trainer(optionsOf({ objective: large }));
  await assertRejects(() => huge.step(rows), NonFiniteLossError, "their sum overflows float32");
});

const runOf = (changes: Partial<DistillOptions>) =>
  distill({ ...optionsOf(), rows: [...rows, ...rows], batchSize: 3, seed: 2, ...changes });

async function eventsOf(run: AsyncIterable<DistillEvent>, events: DistillEvent[] = []): Promise<DistillEvent[]> {
  for await (const event of run) events.push(event);
  return events;
}

/** An objective that is NaN at chosen calls. */
function failingAt(calls: readonly number[]) {
  const sound = objective("gkd");
  let call = 0;
  return {
    name: "failing",
    perToken: sound.perToken,
    valueAndGradient: (pair: { student: tf.Tensor; teacher: tf.Tensor }) => {
      const { values, gradient } = sound.valueAndGradient!(pair);
      return calls.includes(++call) ? { values: tf.mul(values, NaN), gradient } : { values, gradient };
    },
  };
}

Deno.test("distill() saves the step that ends a run as it was before, and replayFailedStep() shows the same", async () => {
  const failureFolder = await Deno.makeTempDir();
  const student = tinyModel(1);
  const events: DistillEvent[] = [];
  const teacher = tinyModel(2);
  const options = { student, teacher, failureFolder, settings: { alpha: -Infinity, name: "trial" } };
  // After three steps the teacher is spoilt, as if its memory had been.
  const run = (async function* () {
    for await (const event of runOf(options)) {
      yield event;
      if (event.type === "step" && event.step === 3) {
        withWeight(teacher, "transformer.wte.weight", { index: 16 * 9 + 2, value: Infinity });
      }
    }
  })();
  await assertRejects(() => eventsOf(run, events), NonFiniteLossError, `and saved in ${failureFolder}/step-00000003`);
  assertEquals(events.filter(({ type }) => type === "step").length, 3);
  const folder = `${failureFolder}/step-00000003`;
  const record = await readFailedStep(folder);
  assertEquals([record.step, record.rows.length, record.settings], [3, 3, { alpha: "-inf", name: "trial" }]);
  assert(record.culprit.includes("the teacher's logit of token 9"), record.culprit);

  const again = new Trainer(optionsOf({ student: tinyModel(7), teacher }));
  let error: unknown;
  await replayFailedStep(folder, again).catch((thrown) => error = thrown);
  assert(error instanceof NonFiniteLossError);
  assertEquals([error.step, error.culprit], [3, record.culprit]);
  for (const [name, parameter] of student.parameters) {
    assertEquals(again.student.parameters.get(name)!.dataSync(), parameter.dataSync());
  }
  const well = await replayFailedStep(folder, new Trainer(optionsOf({ student: tinyModel(7) })));
  assert(Number.isFinite(well.loss));
});

Deno.test("distill() skips the allowed number of steps, with a warning each, and takes all others", async () => {
  const events = await eventsOf(runOf({ objective: failingAt([2, 5]), maxSkippedSteps: 2 }));
  const seen = events.flatMap(({ type, step }) => type === "step" || type === "warning" ? [`${type} ${step}`] : []);
  const first = ["step 1", "warning 1", "step 2", "step 3", "warning 3", "step 4"];
  assertEquals(seen, [...first, "step 5", "step 6", "step 7", "step 8"]);
  const [, second] = events.flatMap((event) => event.type === "warning" ? [event.message] : []);
  assert(second.startsWith("step 3 was skipped, 2 of at most 2: distillLoss is NaN"), second);
  const run = runOf({ objective: failingAt([2, 5, 7]), maxSkippedSteps: 2 });
  await assertRejects(() => eventsOf(run), NonFiniteLossError, "Cannot take step 4");
});

Deno.test("distill() counts the steps it passed over across a stop", async () => {
  const checkpointFolder = await Deno.makeTempDir();
  const controller = new AbortController();
  const options = { maxSkippedSteps: 1, checkpointFolder };
  const first = runOf({ ...options, objective: failingAt([2]), signal: controller.signal });
  for await (const event of first) if (event.type === "step" && event.step === 3) controller.abort();
  const second = runOf({ ...options, objective: failingAt([2]), resume: true });
  await assertRejects(() => eventsOf(second), NonFiniteLossError, "Cannot take step 4");
});

Deno.test("distill() names a student that cannot respond any more", async () => {
  const student = withWeight(tinyModel(1), "transformer.ln_f.bias", { index: 0, value: NaN });
  const run = runOf({ student, policy: { name: "on" }, responses: { maxNewTokens: 2 } });
  await assertRejects(() => eventsOf(run), NonFiniteLossError, "the student cannot respond: Cannot sample");
});
