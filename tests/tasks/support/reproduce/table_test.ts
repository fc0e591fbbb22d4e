import type { ModelRecord, RunRecord } from "../../../../lib/runs/records/run_record.ts";
import { readRecipe } from "../../../../tasks/support/reproduce/recipe.ts";
import { pipelineTables } from "../../../../tasks/support/reproduce/table.ts";
import { assert, assertEquals } from "../../../support/mod.ts";

const recipe = await readRecipe("tasks/configs/smollm2.json", "recorded");

interface Made {
  method: string;
  seed?: number;
  loss?: number;
  configuration?: RunRecord["configuration"];
  scores?: number[];
  more?: Partial<RunRecord>;
}

const record = (name: string, { method, seed = 1, loss = 3, configuration = {}, scores, more }: Made): RunRecord => ({
  name,
  method,
  student: "half",
  seed,
  configuration,
  weights: { teacher: "t", start: "s" },
  place: { commit: "c0", machine: "a test", engine: "wasm" },
  seconds: 60,
  stepSeconds: 1.5,
  peakMiB: 100,
  curve: {
    steps: 1,
    tokens: 1000,
    training: [],
    validation: [],
    gradientNorm: 1,
    largestGradientNorm: 12,
    spikes: 2,
  },
  metrics: { validLoss: loss, startLoss: 4, teacherLoss: 2, klToTeacher: 0.5, agreement: 0.6, studentEntropy: 2 },
  sets: scores && { birds: { rougeL: scores, tokens: 20, repetition: 0.125, unfinished: 0.25 } },
  ...more,
});

const tables = (records: RunRecord[], references: ModelRecord[] = []) =>
  pipelineTables({
    recipe,
    known: new Map(records.map((one) => [one.name, one])),
    references: new Map(references.map((one) => [one.name, one])),
    planned: 200,
  });

/** The cells of the line that begins with a text. */
const line = (text: string, start: string): string[] =>
  text.split("\n").find((one) => one.startsWith(`| ${start}`))!.split("|").slice(1, -1).map((cell) => cell.trim());

Deno.test("pipelineTables() compares the best of each with AMiD, and says what the intervals exclude", () => {
  const mixture = { alpha: 0.5, lambda: 0.1 };
  const flat = (value: number) => Array(8).fill(value);
  const text = tables([
    record("half-final-amid-pr-kl-a0.5-l0.1-s1", { method: "amid-pr-kl", configuration: mixture, scores: flat(20) }),
    record("half-final-amid-pr-kl-a0.5-l0.1-s2", {
      method: "amid-pr-kl",
      seed: 2,
      configuration: mixture,
      scores: flat(22),
    }),
    record("half-final-forward-kl-s1", { method: "forward-kl", scores: flat(10) }),
    record("half-final-reverse-kl-s1", { method: "reverse-kl", scores: flat(30) }),
    record("half-final-taid-s1", { method: "taid", scores: flat(21) }),
  ]);
  assertEquals(line(text, "forward KL").slice(1, 6), ["1", "10.0", "10.00", "+11.00 [+10.00, +12.00]", "0.000"]);
  assertEquals(line(text, "reverse KL").slice(4, 5), ["−9.00 [−10.00, −8.00]"]);
  const amid = line(text, "AMiD, KL(p‖r), α = 0.5, λ = 0.1");
  assertEquals(amid.slice(1), [
    "2",
    "21.0",
    "21.00 ± 1.41",
    "–",
    "–",
    "3.000",
    "0.50",
    "0.500",
    "0.600",
    "20",
    "0.125",
    "0.25",
  ]);
  assert(!text.includes("| teacher"));
  assert(text.includes("Of 3 others, AMiD is above 1 and below 1 by intervals that exclude 0; the other 1 cannot"));
  assert(text.includes("5 of 200 runs are recorded") && text.includes("have 64 rows each"));
  assert(text.includes("All runs of a student begin from the same weights."));
});

Deno.test("pipelineTables() compares with the mixture of the lowest validation loss, not that of the best answers", () => {
  const text = tables([
    record("half-final-amid-pr-kl-a0-l0.1-s1", { method: "amid-pr-kl", loss: 3.1, scores: [20, 20] }),
    record("half-final-amid-qr-kl-a1-l0.1-s1", { method: "amid-qr-kl", loss: 3.0, scores: [10, 10] }),
    record("half-final-taid-s1", { method: "taid", scores: [15, 15] }),
  ]);
  assertEquals(line(text, "TAID")[4], "−5.00 [−5.00, −5.00]");
  assertEquals(line(text, "AMiD, KL(p‖r)")[4], "−10.00 [−10.00, −10.00]");
});

Deno.test("pipelineTables() has the teacher and the start of the student above the methods", () => {
  const of = (name: string, rougeL: number): ModelRecord => ({
    name,
    configuration: {},
    place: { commit: "", machine: "", engine: "" },
    weights: "",
    sets: { birds: { rougeL: [rougeL], tokens: 10, repetition: 0.5, unfinished: 1 } },
  });
  const runs = [record("half-final-taid-s1", { method: "taid", scores: [15] })];
  const text = tables(runs, [of("teacher", 40), of("start-half", 5), of("start-quarter", 4)]);
  const rest = ["10", "0.500", "1.00"];
  assertEquals(line(text, "teacher").slice(1), ["–", "40.0", "40.00", "2.000", "–", "–", "–", ...rest]);
  assertEquals(line(text, "the start").slice(1), ["–", "5.0", "5.00", "4.000", "–", "–", "–", ...rest]);
});

Deno.test("pipelineTables() marks the best learning rate and counts what diverged", () => {
  const run = (rate: number, made: Partial<Made> = {}) =>
    record(`half-taid-r${rate}-s1`, { method: "taid", configuration: { learningRate: rate }, ...made });
  const text = tables([
    run(2.5e-5, { loss: 3.2 }),
    run(1e-4, { loss: 3.1 }),
    run(4e-4, { more: { metrics: undefined, diverged: "at step 3" } }),
  ]);
  assertEquals(line(text, "TAID").slice(0, 5), ["TAID", "3.200", "**3.100**", "diverged", "2"]);
  assert(text.includes("1 of 3 runs diverged."));
});

Deno.test("pipelineTables() says whether an α between the known points has the lowest loss", () => {
  const cell = (alpha: string, lambda: string, loss: number) =>
    record(`half-amid-qr-kl-a${alpha}-l${lambda}-r4e-4-s1`, { method: "amid-qr-kl", loss });
  const text = tables([
    cell("-1", "0.1", 3.2),
    cell("0", "0.1", 3.15),
    cell("1", "0.1", 3.4),
    cell("-1", "0.5", 3),
    cell("0", "0.5", 3.5),
    cell("1", "0.5", 3.25),
  ]);
  assertEquals(line(text, "λ = 0.1"), ["λ = 0.1", "3.200 / 0.500", "3.150 / 0.500", "3.400 / 0.500"]);
  assert(text.includes("At λ = 0.1 α = 0 has the lowest loss, 0.050 below the best of −1 and 1."));
  assert(text.includes("At λ = 0.5 the known α = -1 has the lowest, 0.500 below the best of the others."));
});

Deno.test("pipelineTables() says that weights were trained again, and what is not there yet", () => {
  const other = record("half-b-r1e-4-s1", { method: "taid", more: { weights: { teacher: "u", start: "v" } } });
  const text = tables([record("half-a-r1e-4-s1", { method: "taid" }), other]);
  assert(text.includes("begin from 2 teachers and 2 starts of 1 students"));
  assert(tables([]).includes("0 of 200 runs are recorded"));
});
