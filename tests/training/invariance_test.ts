import fc from "fast-check";
import * as tf from "@tensorflow/tfjs-core";
import type { Row } from "../../lib/batches/row.ts";
import { useEngine } from "../../lib/engines/mod.ts";
import type { LanguageModel } from "../../lib/models/language_model.ts";
import { maskedMean, objective } from "../../lib/objectives/mod.ts";
import { Trainer, type TrainerOptions } from "../../lib/training/step/trainer.ts";
import { keptTeacher } from "../support/kept_teacher.ts";
import { assertAllClose, assertRejects } from "../support/mod.ts";
import { TINY_VOCABULARY, tinyModel } from "../support/tiny_model.ts";

await useEngine("wasm");

const END = 11;
const amid = objective("amid", { alpha: 0.3, lambda: 0.2 });

/** Rows that end with the end token, which may come in the prompt too. */
const row = fc.record({
  prompt: fc.array(fc.nat(TINY_VOCABULARY - 1), { minLength: 1, maxLength: 9 }),
  response: fc.array(fc.nat(TINY_VOCABULARY - 1), { minLength: 0, maxLength: 9 }),
}).map(({ prompt, response }): Row => ({ ids: [...prompt, ...response, END], promptLength: prompt.length }));
const rows = fc.array(row, { minLength: 2, maxLength: 6 });

interface Padding {
  /** The token that fills rows up. */
  token: number;
  /** How many more than the longest row needs. */
  extra: number;
}

/** The step as a textbook has it: padded rows, all logits, the loss by a mask that knows rows by their lengths. */
function padded(student: LanguageModel, teacher: LanguageModel, rows: readonly Row[], { token, extra }: Padding) {
  const length = Math.max(...rows.map(({ ids }) => ids.length)) + extra;
  const inputIds = rows.map(({ ids }) => [...ids, ...Array(length - ids.length).fill(token)]);
  const labels = tf.oneHot(
    tf.tensor2d(inputIds.map((ids) => [...ids.slice(1), 0]), undefined, "int32"),
    TINY_VOCABULARY,
  );
  const mask = tf.tensor2d(
    rows.map(({ ids, promptLength }) =>
      Array.from({ length }, (_, place) => place >= promptLength - 1 && place < ids.length - 1 ? 1 : 0)
    ),
  );
  const parameters = [...student.parameters.values()];
  const { value, grads } = tf.variableGrads(() => {
    const logits = student.logits({ inputIds });
    const distilled = amid.perToken({ student: logits, teacher: teacher.logits({ inputIds }) });
    const lm = tf.neg(tf.sum(tf.mul(labels, tf.logSoftmax(logits)), -1));
    return tf.add(tf.mul(0.3, maskedMean(lm, mask)), tf.mul(0.7, maskedMean(distilled, mask))) as tf.Scalar;
  }, parameters);
  return { loss: value.dataSync()[0], gradients: parameters.flatMap(({ name }) => [...grads[name].dataSync()]) };
}

/** A step's loss and gradients: the first moments are a tenth of them, where nothing is clipped. */
async function stepped(
  rows: readonly Row[],
  changes: Partial<TrainerOptions> = {},
  corpusRows?: readonly Row[],
): Promise<{ loss: number; gradients: number[] }> {
  const trainer = new Trainer({
    student: tinyModel(1),
    teacher: tinyModel(2, { n_layer: 1 }),
    objective: amid,
    distillWeight: 0.7,
    totalSteps: 10,
    optimizer: { learningRate: 1e-2, clipNorm: 0 },
    ...changes,
  });
  const { loss } = await trainer.step(rows, { corpusRows });
  const moments = [...trainer.optimizer.slots.get("first")!.values()].flatMap((moment) => [...moment.dataSync()]);
  trainer.dispose();
  trainer.student.dispose();
  return { loss, gradients: moments.map((moment) => 10 * moment) };
}

function assertSame(actual: { loss: number; gradients: number[] }, expected: typeof actual): void {
  assertAllClose(actual.loss, expected.loss);
  assertAllClose(actual.gradients, expected.gradients, { atol: 2e-5, rtol: 1e-4 });
}

Deno.test("step() computes what padded rows give, whatever they are padded with, the end token too", async () => {
  const [student, teacher] = [tinyModel(1), tinyModel(2, { n_layer: 1 })];
  const padding = fc.record({ token: fc.constantFrom(END, 0, 30), extra: fc.nat(5) });
  await fc.assert(
    fc.asyncProperty(rows, padding, async (rows, padding) => {
      assertSame(await stepped(rows), padded(student, teacher, rows, padding));
    }),
    { numRuns: 12 },
  );
});

Deno.test("step() does not depend on micro-batches, chunks, packing and order, with corpus rows beside", async () => {
  const corpusRows = fc.array(row.map(({ ids }) => ({ ids, promptLength: 1 })), { minLength: 1, maxLength: 4 });
  const split = fc.record({
    microBatchSize: fc.integer({ min: 1, max: 4 }),
    chunkSize: fc.constantFrom(1, 3, 50),
    teacher: fc.boolean().map((kept) => keptTeacher(tinyModel(2, { n_layer: 1 }), kept)),
  });
  const order = fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true }));
  await fc.assert(
    fc.asyncProperty(rows, corpusRows, split, order, async (rows, corpusRows, split, order) => {
      const options = { corpusWeight: 0.4, temperature: 1.5 };
      const keys = new Map(rows.map((row) => [row, order.next().value as number]));
      const shuffled = rows.toSorted((a, b) => keys.get(a)! - keys.get(b)!);
      const expected = await stepped(rows, options, corpusRows);
      assertSame(await stepped(shuffled, { ...options, ...split }, corpusRows.toReversed()), expected);
    }),
    { numRuns: 12 },
  );
});

Deno.test("step() of rows that begin alike, which share their beginning, is the mean of the rows alone", async () => {
  const begin = [3, 1, 4, 1, 5];
  await fc.assert(
    fc.asyncProperty(rows, async (rows) => {
      const alike = rows.map(({ ids, promptLength }) => ({ ids: [...begin, ...ids], promptLength: promptLength + 5 }));
      const tokens = alike.map(({ ids, promptLength }) => ids.length - promptLength);
      const total = tokens.reduce((sum, count) => sum + count, 0);
      let loss = 0;
      const gradients: number[] = [];
      for (const [i, row] of alike.entries()) {
        const part = await stepped([row]);
        loss += part.loss * tokens[i] / total;
        part.gradients.forEach((x, k) => gradients[k] = (gradients[k] ?? 0) + x * tokens[i] / total);
      }
      assertSame(await stepped(alike), { loss, gradients });
    }),
    { numRuns: 6 },
  );
});

Deno.test("step() adds the weighted loss of corpus rows, and its gradient", async () => {
  const row = { ids: [1, 2, 3, 4, END], promptLength: 2 };
  const plain = [{ ids: [7, 8, 9, END], promptLength: 1 }, { ids: [5, 6, 7, 8, 9, END], promptLength: 1 }];
  const alone = await stepped([row]);
  const corpus = await stepped(plain, { teacher: undefined, objective: undefined, distillWeight: 0 });
  const both = await stepped([row], { corpusWeight: 0.25 }, plain);
  assertSame(both, {
    loss: alone.loss + 0.25 * corpus.loss,
    gradients: alone.gradients.map((x, i) => x + 0.25 * corpus.gradients[i]),
  });
  await assertRejects(() => stepped([row], { corpusWeight: 1 }, [{ ids: [1], promptLength: 1 }]), RangeError, "row 0");
});
