/** Objectives that look at what the tokens are, and at a reference model, beside the textbook. */
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import type { Row } from "../../lib/batches/row.ts";
import { useEngine } from "../../lib/engines/mod.ts";
import { kl } from "../../lib/divergences/mod.ts";
import {
  combined,
  composition,
  type Objective,
  tempered,
  TokenContext,
  type TokenLogits,
} from "../../lib/objectives/mod.ts";
import { distill, type DistillOptions } from "../../lib/training/run/distill.ts";
import { runMemory } from "../../lib/training/memory/run_memory.ts";
import { keptTokens } from "../../lib/batches/training_batch.ts";
import { NonFiniteLossError, Trainer, type TrainerOptions } from "../../lib/training/step/trainer.ts";
import { firstGradients, flat } from "../support/first_gradients.ts";
import { keptTeacher } from "../support/kept_teacher.ts";
import { assert, assertAllClose, assertEquals, assertRejects, assertThrows } from "../support/mod.ts";
import { textbookStep, type TokenLoss } from "../support/textbook_step.ts";
import { TINY_VOCABULARY, tinyModel, tinyRows } from "../support/tiny_model.ts";

await useEngine("wasm");

const models = () => ({
  student: tinyModel(1),
  teacher: tinyModel(2, { n_layer: 1 }),
  reference: tinyModel(3, { n_layer: 1 }),
});

/** The weight of a token, as the objectives below take it from the step. */
const weightOf = (row: Row, place: number): number =>
  1 / (1 + place - row.promptLength) + (row.fields!.grade as number) / 10 + place / 50 + row.ids[place] / 100 +
  (row.source === "student" ? 2 : 0);

const weightsOf = (tokens: TokenContext): tf.Tensor => {
  const early = tf.div(1, tf.add(1, tokens.positions));
  const places = tf.add(tf.div(tokens.rowPositions, 50), tf.div(tokens.ids, 100));
  const own = tokens.sources.map((source) => source === "student" ? 2 : 0);
  return tf.addN([early, places, tf.div(tokens.field("grade"), 10), tf.tensor1d(own)]);
};

const forward = composition({ divergence: "kl", order: "pq" });
const logProbs = (logits: tf.Tensor) => tf.logSoftmax(logits);

/** `w · KL(p‖q) + ½ KL(reference‖q)`, by the closed form and by autodiff. */
const objectives: Record<string, Objective> = {
  "a closed form": combined("weighed", { parts: [forward], weigh: (_, { tokens }) => [weightsOf(tokens!)] }),
  "autodiff": {
    name: "weighed",
    perToken: ({ student, teacher, tokens }: TokenLogits) =>
      tf.mul(weightsOf(tokens), kl(logProbs(teacher), logProbs(student))),
  },
  "autodiff with a reference": {
    name: "held",
    needs: { reference: true },
    perToken: ({ student, teacher, reference, tokens }: TokenLogits) =>
      tf.add(
        tf.mul(weightsOf(tokens), kl(logProbs(teacher), logProbs(student))),
        tf.div(kl(logProbs(reference!), logProbs(student)), 2),
      ),
  },
};

/** Rows of which some are the student's; all have a grade. */
const rows = fc.array(
  fc.record({
    prompt: fc.array(fc.nat(TINY_VOCABULARY - 1), { minLength: 1, maxLength: 8 }),
    response: fc.array(fc.nat(TINY_VOCABULARY - 1), { minLength: 1, maxLength: 9 }),
    grade: fc.integer({ min: 1, max: 9 }),
    isOwn: fc.boolean(),
    isAlike: fc.boolean(),
  }).map(({ prompt, response, grade, isOwn, isAlike }): Row => {
    // Rows that begin alike share their beginning when they are packed.
    const whole = isAlike ? [3, 1, 4, 1, ...prompt] : prompt;
    const row = { ids: [...whole, ...response], promptLength: whole.length, fields: { grade } };
    return isOwn ? { ...row, source: "student" } : row;
  }),
  { minLength: 2, maxLength: 6 },
);

/** The loss and gradients of the textbook, with a share of the divergence from the reference. */
function textbook(rows: readonly Row[], share: number): { loss: number; gradients: number[] } {
  const perToken: TokenLoss<"teacher" | "reference"> = ({ student, teacher, reference }, laidOut) => {
    const [p, q, r] = [teacher, student, reference].map((logits) => tf.softmax(logits));
    const divergence = (of: tf.Tensor) => tf.sum(tf.mul(of, tf.sub(tf.log(of), tf.log(q))), -1);
    return tf.add(tf.mul(laidOut(weightOf), divergence(p)), tf.mul(share, divergence(r)));
  };
  const { loss, gradients } = textbookStep(models(), { rows, perToken });
  return { loss, gradients: flat(gradients) };
}

/** A step's loss and gradients. */
async function stepped(rows: readonly Row[], changes: Partial<TrainerOptions>) {
  const { student, teacher, reference } = models();
  const options = { student, teacher, totalSteps: 10, optimizer: { learningRate: 1e-2, clipNorm: 0 }, ...changes };
  const trainer = new Trainer({ ...options, ...options.objective!.needs?.reference && { reference, ...changes } });
  const { loss } = await trainer.step(rows);
  const gradients = flat(firstGradients(trainer));
  trainer.dispose();
  return { loss, gradients };
}

for (const [kind, objective] of Object.entries(objectives)) {
  Deno.test(`step() weighs tokens as the textbook does, whatever the split, by ${kind}`, async () => {
    const split = fc.record({
      microBatchSize: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }),
      chunkSize: fc.constantFrom(1, 3, 5, 192),
      recompute: fc.boolean(),
      teacher: fc.boolean().map((kept) => keptTeacher(tinyModel(2, { n_layer: 1 }), kept)),
    });
    const kept = fc.boolean().map((kept) => keptTeacher(tinyModel(3, { n_layer: 1 }), kept));
    await fc.assert(
      fc.asyncProperty(rows, split, kept, async (rows, split, reference) => {
        const needs = objective.needs?.reference;
        const expected = textbook(rows, needs ? 0.5 : 0);
        const actual = await stepped(rows, { objective, ...split, ...needs && { reference } });
        assertAllClose([actual.loss], [expected.loss], { rtol: 2e-5, atol: 1e-6 });
        assertAllClose(actual.gradients, expected.gradients, { rtol: 1e-3, atol: 5e-5 });
      }),
      { numRuns: 8, seed: 20 },
    );
  });
}

Deno.test("step() shares tokens with ranks as the textbook sums them: shares add up to the whole", async () => {
  const all = tinyRows(5).map((row, i) => ({
    ...row,
    fields: { grade: i + 1 },
    source: i % 2 ? "student" : undefined,
  }));
  const whole = textbook(all, 0.5).loss;
  let sum = 0;
  for (const rank of [0, 1, 2]) {
    const rowShares = (rows: readonly Row[]) => rows.filter((_, i) => i % 3 === rank);
    sum += (await stepped(all, { objective: objectives["autodiff with a reference"], rowShares })).loss;
  }
  assertAllClose([sum], [whole], { rtol: 2e-5 });
});

Deno.test("tempered() hands tokens and a softened reference on", () => {
  const logits = (seed: number) => tf.randomNormal([3, 7], 0, 2, "float32", seed);
  const tokens = new TokenContext([{ ids: [1, 2, 3, 4], promptLength: 1, fields: { grade: 2 } }]);
  const pair = { student: logits(1), teacher: logits(2), reference: logits(3), tokens };
  const plain = objectives["autodiff with a reference"];
  const soft = tempered(plain, 2);
  assertEquals(soft.needs, { reference: true });
  const halves = { ...pair, student: tf.div(pair.student, 2), teacher: tf.div(pair.teacher, 2) };
  const expected = plain.perToken({ ...halves, reference: tf.div(pair.reference, 2) });
  assertAllClose(soft.perToken(pair), tf.mul(expected, 4));
});

Deno.test("Trainer() refuses an objective without the reference it needs, and a reference that is not needed", async () => {
  const { student, teacher, reference } = models();
  const base = { student, teacher, totalSteps: 1, optimizer: { learningRate: 1e-2 } };
  const needing = objectives["autodiff with a reference"], plain = objectives["autodiff"];
  const made = (changes: Partial<TrainerOptions>) => () => new Trainer({ ...base, ...changes });
  assertThrows(made({ objective: needing }), TypeError, "the objective held needs a reference, which is not given");
  assertThrows(made({ objective: plain, reference }), TypeError, "which does not need one");
  assertThrows(
    made({ objective: needing, reference: student }),
    TypeError,
    "must be a different model from the student",
  );
  const small = tinyModel(3, { vocab_size: 40 });
  assertThrows(made({ objective: needing, reference: small }), RangeError, "the student's is 53, the reference's 40");
  reference.parameters.get("transformer.wte.weight")!.assign(tf.fill([TINY_VOCABULARY, 16], NaN));
  const broken = made({ objective: needing, reference })();
  const graded = tinyRows(2).map((row) => ({ ...row, fields: { grade: 1 } }));
  await assertRejects(() => broken.step(graded), NonFiniteLossError, "the reference's logit of token 0 is NaN");
});

Deno.test("step() with a reference leaves no tensor behind", async () => {
  const { student, teacher, reference } = models();
  const objective = objectives["autodiff with a reference"];
  const options = { totalSteps: 3, microBatchSize: 2, chunkSize: 4, optimizer: { learningRate: 1e-2 } };
  const before = tf.memory().numTensors;
  const trainer = new Trainer({ student, teacher, reference, objective, ...options });
  const made = tf.memory().numTensors;
  const graded = tinyRows(5).map((row) => ({ ...row, fields: { grade: 1 } }));
  for (let step = 0; step < 3; step++) await trainer.step(graded);
  assertEquals(tf.memory().numTensors, made);
  trainer.dispose();
  assertEquals(tf.memory().numTensors, before);
});

/** A run whose objective says which sources and grades it saw. */
function runOf(changes: Partial<DistillOptions>, seen: Set<string> = new Set()) {
  const objective: Objective = {
    name: "watching",
    needs: { reference: true },
    recipe: { name: "watching", options: {} },
    perToken({ student, reference, tokens }: TokenLogits) {
      tokens.rows.forEach(({ fields }, i) => seen.add(`${tokens.sources[i]} ${fields!.grade}`));
      return kl(logProbs(reference!), logProbs(student));
    },
  };
  return distill({
    ...models(),
    rows: tinyRows(4).map((row, i) => ({ ...row, fields: { grade: i } })),
    batchSize: 2,
    totalSteps: 12,
    seed: 3,
    objective,
    optimizer: { learningRate: 1e-2 },
    ...changes,
  });
}

Deno.test("distill() gives an objective the source of each row, and the fields of the row that the student answers", async () => {
  const seen = new Set<string>();
  const policy = { name: "mixed", probability: 0.7, replay: "constant" } as const;
  const options = { policy, replayCapacity: 4, responses: { maxNewTokens: 3 }, totalSteps: 40 };
  for await (const _ of runOf(options, seen));
  const grades = [0, 1, 2, 3];
  const expected = ["buffer", "corpus", "student"].flatMap((source) => grades.map((grade) => `${source} ${grade}`));
  assertEquals([...seen].sort(), expected);
});

Deno.test("distill() resumes only with the same reference, and with rows of the same fields and sources", async () => {
  const checkpointFolder = await Deno.makeTempDir();
  for await (const _ of runOf({ checkpointFolder, totalSteps: 2 }));
  const again = async (changes: Partial<DistillOptions>) => {
    const events = [];
    for await (const event of runOf({ checkpointFolder, resume: true, totalSteps: 2, ...changes })) events.push(event);
    return events;
  };
  assertEquals((await again({})).filter(({ type }) => type === "warning"), []);
  await assertRejects(() => again({ reference: tinyModel(4, { n_layer: 1 }) }), RangeError, "reference.weights is of");
  const rows = tinyRows(4).map((row, i) => ({ ...row, fields: { grade: i } }));
  const graded = rows.with(3, { ...rows[3], fields: { grade: 9 } });
  await assertRejects(() => again({ rows: graded }), RangeError, "rows is 4 rows of hash");
  await assertRejects(
    () => again({ rows: rows.with(0, { ...rows[0], source: "wiki" }) }),
    RangeError,
    "rows is 4 rows",
  );
});

Deno.test("distill() names a row that is too long for the reference", async () => {
  const reference = tinyModel(3, { n_positions: 9 });
  const run = runOf({ reference });
  await assertRejects(() => run.next(), RangeError, "must fit the models' context of 9 tokens");
  assert(await run.return(undefined));
});

Deno.test("runMemory() counts the reference, and its states where they are kept", () => {
  const { student, teacher, reference } = models();
  const objective = objectives["autodiff with a reference"];
  const rows = tinyRows(4);
  const base = { student, teacher, objective, rows, batchSize: 4, totalSteps: 1, optimizer: { learningRate: 1e-2 } };
  const [without, beside] = [runMemory(base), runMemory({ ...base, reference })];
  const kept = runMemory({ ...base, reference: keptTeacher(reference, true) });
  assertEquals([without.reference, beside.reference], [undefined, 4 * reference.parameterCount]);
  assertEquals(beside.peak - without.peak, 4 * reference.parameterCount);
  assertEquals(kept.peak - beside.peak, 4 * 16 * keptTokens(rows));
});
