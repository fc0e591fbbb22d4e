import fc from "fast-check";
import type { Row } from "../../lib/batches/row.ts";
import { useEngine } from "../../lib/engines/mod.ts";
import { objective } from "../../lib/objectives/mod.ts";
import { type StepOptions, Trainer, type TrainerOptions } from "../../lib/training/step/trainer.ts";
import { firstGradients, flat } from "../support/first_gradients.ts";
import { keptTeacher } from "../support/kept_teacher.ts";
import { assertAllClose, assertRejects } from "../support/mod.ts";
import { mixtureLoss, textbookStep } from "../support/textbook_step.ts";
import { TINY_VOCABULARY, tinyModel } from "../support/tiny_model.ts";

await useEngine("wasm");

const END = 11;
const mixture = { alpha: 0.3, lambda: 0.2 };
const amid = objective("amid", mixture);

/** Rows that end with the end token, which may come in the prompt too. */
const row = fc.record({
  prompt: fc.array(fc.nat(TINY_VOCABULARY - 1), { minLength: 1, maxLength: 9 }),
  response: fc.array(fc.nat(TINY_VOCABULARY - 1), { minLength: 0, maxLength: 9 }),
}).map(({ prompt, response }): Row => ({ ids: [...prompt, ...response, END], promptLength: prompt.length }));
const rows = fc.array(row, { minLength: 2, maxLength: 6 });

/** A step's loss and gradients. */
async function stepped(
  rows: readonly Row[],
  changes: Partial<TrainerOptions> = {},
  textRows?: readonly Row[],
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
  const { loss } = await trainer.step(rows, { textRows });
  const gradients = flat(firstGradients(trainer));
  trainer.dispose();
  trainer.student.dispose();
  return { loss, gradients };
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
      const textbook = { rows, perToken: mixtureLoss(mixture), distillWeight: 0.7, padding };
      const { loss, gradients } = textbookStep({ student, teacher }, textbook);
      assertSame(await stepped(rows), { loss, gradients: flat(gradients) });
    }),
    { numRuns: 12 },
  );
});

Deno.test("step() does not depend on micro-batches, chunks, packing and order, with corpus rows beside", async () => {
  const textRows = fc.array(row.map(({ ids }) => ({ ids, promptLength: 1 })), { minLength: 1, maxLength: 4 });
  const split = fc.record({
    microBatchSize: fc.integer({ min: 1, max: 4 }),
    chunkSize: fc.constantFrom(1, 3, 50),
    teacher: fc.boolean().map((kept) => keptTeacher(tinyModel(2, { n_layer: 1 }), kept)),
  });
  const order = fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true }));
  await fc.assert(
    fc.asyncProperty(rows, textRows, split, order, async (rows, textRows, split, order) => {
      const options = { textWeight: 0.4, temperature: 1.5 };
      const keys = new Map(rows.map((row) => [row, order.next().value as number]));
      const shuffled = rows.toSorted((a, b) => keys.get(a)! - keys.get(b)!);
      const expected = await stepped(rows, options, textRows);
      assertSame(await stepped(shuffled, { ...options, ...split }, textRows.toReversed()), expected);
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
  const both = await stepped([row], { textWeight: 0.25 }, plain);
  assertSame(both, {
    loss: alone.loss + 0.25 * corpus.loss,
    gradients: alone.gradients.map((x, i) => x + 0.25 * corpus.gradients[i]),
  });
  await assertRejects(() => stepped([row], { textWeight: 1 }, [{ ids: [1], promptLength: 1 }]), RangeError, "row 0");
});

Deno.test("step() and Trainer refuse plain text by its older name, with the new one", async () => {
  const row = { ids: [1, 2, END], promptLength: 1 };
  const old = { corpusWeight: 1 } as Partial<TrainerOptions>;
  await assertRejects(
    () => stepped([row], old),
    TypeError,
    "Cannot train: corpusWeight has been renamed to textWeight",
  );
  const trainer = new Trainer({ student: tinyModel(1), totalSteps: 1, optimizer: { learningRate: 1e-3 } });
  const attempt = () => trainer.step([row], { corpusRows: [row] } as StepOptions);
  await assertRejects(attempt, TypeError, "Cannot take a step: corpusRows has been renamed to textRows");
});
