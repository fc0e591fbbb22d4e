import { useEngine } from "../../../lib/engines/mod.ts";
import type { Row } from "../../../lib/batches/row.ts";
import { objective } from "../../../lib/objectives/mod.ts";
import { distill, type DistillOptions, type StepEvent } from "../../../lib/training/run/distill.ts";
import { RowSupply, type RowSupplyOptions } from "../../../lib/training/policy/row_supply.ts";
import { studentResponses } from "../../../lib/training/policy/student_responses.ts";
import { assert, assertEquals, assertRejects, assertThrows } from "../../support/mod.ts";
import { tinyModel, tinyRows } from "../../support/tiny_model.ts";

await useEngine("wasm");

const END = 7;
const student = tinyModel(1);
const supplyOf = (options: RowSupplyOptions, seed = 5) => new RowSupply(options, { student, totalSteps: 100, seed });
const prompt = ({ ids, promptLength }: Row) => ids.slice(0, promptLength);

Deno.test("studentResponses() are ordinary rows: the prompt, then the student's tokens, the end token kept", async () => {
  const rows = tinyRows(24);
  const responses = await studentResponses(student, rows, { maxNewTokens: 5, seed: 3, stopTokens: [END] });
  assertEquals(responses.map(prompt), rows.map(prompt));
  const written = responses.map(({ ids, promptLength }) => ids.slice(promptLength));
  for (const tokens of written) {
    assert(tokens.length >= 1 && tokens.length <= 5);
    assert(!tokens.slice(0, -1).includes(END), "nothing follows the end token");
    assert(tokens.length === 5 || tokens.at(-1) === END);
  }
  assert(written.some((tokens) => tokens.at(-1) === END), "some response ended");
  assertEquals(await studentResponses(student, rows, { maxNewTokens: 5, seed: 3, stopTokens: [END] }), responses);
  const others = await studentResponses(student, rows, { maxNewTokens: 5, seed: 4, stopTokens: [END] });
  assert(JSON.stringify(others) !== JSON.stringify(responses));
});

Deno.test("studentResponses() of nothing but the end token can be trained on", async () => {
  const every = Array.from({ length: 53 }, (_, token) => token);
  const rows = await studentResponses(student, tinyRows(3), { seed: 1, stopTokens: every });
  assertEquals(rows.map(({ ids, promptLength }) => ids.length - promptLength), [1, 1, 1]);
  const loss = { teacher: tinyModel(2), objective: objective("gkd") };
  const run = distill({
    student: tinyModel(1),
    ...loss,
    rows,
    batchSize: 3,
    totalSteps: 1,
    optimizer: { learningRate: 1 },
  });
  for await (const event of run) if (event.type === "step") assert(Number.isFinite(event.loss));
});

Deno.test("studentResponses() end with the context, each row on its own, and refuse a prompt that fills it", async () => {
  const [short] = tinyRows(1);
  const long = { ids: Array(48).fill(3), promptLength: 45 };
  const responses = await studentResponses(student, [short, long], { maxNewTokens: 9, seed: 1 });
  assertEquals(responses.map(({ ids, promptLength }) => ids.length - promptLength), [9, 3]);
  const alone = await studentResponses(student, [short], { maxNewTokens: 9, seed: 1 });
  assertEquals(responses[0], alone[0]);
  const full = { ids: Array(50).fill(3), promptLength: 48 };
  await assertRejects(() => studentResponses(student, [short, full], { seed: 1 }), RangeError, "row 1 has 48");
  assertThrows(() => supplyOf({ policy: { name: "on" } }).check([full]), RangeError, "row 0 has 48");
  supplyOf({}).check([full]); // nobody writes
});

Deno.test("RowSupply draws the same rows for a step, whatever was drawn before", async () => {
  const options: RowSupplyOptions = {
    policy: { name: "mixed", probability: 0.8, replay: "constant" },
    responses: { maxNewTokens: 3 },
    replayCapacity: 4,
  };
  const batch = tinyRows(2);
  const whole = supplyOf(options);
  const expected = [];
  for (let step = 0; step < 12; step++) expected.push(await whole.rows(step, batch));
  assertEquals(new Set(expected.map(({ source }) => source)).size, 3);
  const first = supplyOf(options);
  for (let step = 0; step < 7; step++) await first.rows(step, batch);
  const second = supplyOf(options);
  second.restore(JSON.parse(JSON.stringify(first.state())));
  for (let step = 7; step < 12; step++) assertEquals(await second.rows(step, batch), expected[step]);
  assertEquals(second.metrics(12), whole.metrics(12));
});

const objectiveOf = { teacher: tinyModel(2), objective: objective("amid", { alpha: 0, lambda: 0.1 }) };

async function stepsOf(changes: Partial<DistillOptions>): Promise<{ steps: StepEvent[]; validLosses: number[] }> {
  const steps: StepEvent[] = [];
  const validLosses: number[] = [];
  const run = distill({
    student: tinyModel(1),
    ...objectiveOf,
    rows: tinyRows(10),
    batchSize: 2,
    totalSteps: 60,
    seed: 3,
    optimizer: { learningRate: 1e-2 },
    responses: { maxNewTokens: 3 },
    ...changes,
  });
  for await (const event of run) {
    if (event.type === "step") steps.push(event);
    if (event.type === "validation") validLosses.push(event.validLoss);
  }
  return { steps, validLosses };
}

Deno.test("distill() lets the student write more where its validation loss is made to rise", async () => {
  // The rows teach one token for everything, the validation rows another: learning is forgetting.
  const rows = tinyRows(10).map(({ ids, promptLength }) => ({
    ids: ids.map((id, place) => place < promptLength ? id : 5),
    promptLength,
  }));
  const validRows = tinyRows(10).map(({ ids, promptLength }) => ({
    ids: ids.map((id, place) => place < promptLength ? id : 9),
    promptLength,
  }));
  const { steps, validLosses } = await stepsOf({
    rows,
    validRows,
    validateEvery: 4,
    distillWeight: 0,
    policy: { name: "adaptive" },
    replayCapacity: 6,
  });
  assertEquals(validLosses.length, 16); // one before the first step, to compare with
  const shares = steps.map(({ metrics }) => metrics!.studentShare);
  assertEquals(shares[0], 0);
  const rises = validLosses.filter((loss, i) => i > 0 && loss > validLosses[i - 1] + 0.1).length;
  assert(rises >= 3, `${validLosses}`);
  const sources = steps.map(({ source }) => source);
  assertEquals(sources.slice(0, 4), ["corpus", "corpus", "corpus", "corpus"]);
  assert(sources.includes("student") && sources.includes("buffer"), `${sources}`);
  assert(shares.at(-1)! > 0.2, `${shares}`);
  assert(shares.every((share, i) => i === 0 || share >= shares[i - 1]));
  const { metrics } = steps.at(-1)!;
  assertEquals(metrics!.bufferSize, 6);
  assert(metrics!.bufferAge > 0 && metrics!.bufferLength > 0);
  const sum = metrics!.corpusSteps + metrics!.studentSteps + metrics!.bufferSteps;
  assert(Math.abs(sum - 1) < 1e-9);
});

Deno.test("distill() refuses an adaptive policy that is never validated, and a writing student without a teacher", async () => {
  const policy = { name: "adaptive" as const };
  await assertRejects(() => stepsOf({ policy }), RangeError, "needs validRows and a validateEvery in steps");
  const alone = { teacher: undefined, objective: undefined, policy: { name: "on" as const } };
  await assertRejects(() => stepsOf(alone), TypeError, "the policy on needs a teacher");
});
