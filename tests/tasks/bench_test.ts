import { findPython, runPeer } from "../../tasks/bench/python.ts";
import { benchGenerate } from "../../tasks/bench/generate.ts";
import { benchLeak, grown, type LeakSample } from "../../tasks/bench/leak.ts";
import { benchOverhead } from "../../tasks/bench/overhead.ts";
import { benchLoss } from "../../tasks/bench/loss.ts";
import { textOf } from "../../tasks/bench/measured.ts";
import { queueOf } from "../../tasks/bench/prompt_queue.ts";
import { benchRows, typicalBatches } from "../../tasks/bench/rows.ts";
import { shapes } from "../../tasks/bench/shared.ts";
import { StepClock } from "../../tasks/bench/split.ts";
import { benchStep } from "../../tasks/bench/step.ts";
import { main } from "../../tasks/bench.ts";
import { UsageError } from "../../tasks/support/usage_error.ts";
import { assert, assertEquals, assertRejects } from "../support/mod.ts";
import { testWithPython } from "../support/python.ts";

const report = () => {};

Deno.test("findPython() reports which Pythons it tried, and how to get one", () =>
  assertRejects(
    () => findPython({ install: false, report, candidates: ["no-such-python"] }),
    UsageError,
    "none of no-such-python has torch and transformers; without --no-install the task creates .python",
  ));

Deno.test("bench refuses what it cannot measure, naming what there is", () =>
  assertRejects(
    () => main(["los"]),
    UsageError,
    "there are step, loss, generate, load, overhead, first, run, leak, peer, trl, comm, ranks, current value is los",
  ));

/** Rows of very different lengths, the longest of which come first. */
const unevenRows = (count: number) =>
  Array.from({ length: count }, (_, i) => {
    const length = 20 + Math.round(400 / (1 + i));
    return { ids: Array.from({ length }, (_, place) => place), promptLength: 10 };
  });

Deno.test("typicalBatches() takes different rows near the mean of all, the same ones again and again", () => {
  const rows = unevenRows(100);
  const batches = typicalBatches(rows, { batch: 4, steps: 6 });
  const mean = rows.reduce((sum, { ids }) => sum + ids.length, 0) / rows.length;
  for (const batch of batches) {
    const own = batch.reduce((sum, { ids }) => sum + ids.length, 0) / batch.length;
    assert(Math.abs(own / mean - 1) < 0.1, `${own} against ${mean}`);
  }
  assertEquals(new Set(batches.flat()).size, 24);
  assertEquals(typicalBatches(rows, { batch: 4, steps: 6 }), batches);
});

Deno.test("typicalBatches() takes rows again where there are too few", () => {
  const rows = unevenRows(3);
  assertEquals(typicalBatches(rows, { batch: 2, steps: 3 }).map(({ length }) => length), [2, 2, 2]);
  const [batch] = typicalBatches(rows, { batch: 7, steps: 1 });
  assertEquals([batch.length, new Set(batch).size], [7, 3]);
});

Deno.test("benchRows() refuses a file without rows, naming it", async () => {
  const file = await Deno.makeTempFile();
  await Deno.writeTextFile(file, '{"rows": []}');
  await assertRejects(() => benchRows(file, { batch: 1, steps: 1 }), UsageError, `${file} holds no rows`);
  await Deno.remove(file);
});

Deno.test("StepClock gives each phase its time, micro-batches together, the middle of the steps", () => {
  let now = 0, settled = 0;
  const clock = new StepClock({ now: () => now, settle: () => settled++ });
  clock.onPhase("teacher"); // before the first step: ignored
  for (const slower of [0, 1, 5]) {
    clock.begin();
    const phases = ["teacher", "forward", "loss", "backward", "teacher", "forward", "loss", "backward", "optimizer"];
    phases.forEach((phase, i) => {
      now += 1000 * (i + 1 + slower);
      clock.onPhase(phase as "teacher");
    });
  }
  assertEquals(clock.split, { teacher: 8, forward: 10, headAndLoss: 12, backward: 14, optimizer: 10 });
  assertEquals(settled, 27);
});

Deno.test("bench step reports speed, memory, arithmetic, where the time goes, and which rows it took", async () => {
  const sizes = ["--student", "student", "--teacher", "student", "--batch", "2", "--steps", "2"];
  const { line, json } = await benchStep(["--engine", "wasm", ...sizes]);
  const numbers = ["secondsPerStep", "rowsPerSecond", "tokensPerSecond", "tokensPerStep", "peakMiB", "gflops"];
  for (const key of numbers) assert(Number(line[key]) > 0, `${key} is ${line[key]}`);
  const { split, rows } = line as { split: Record<string, number>; rows: { of: number; tokens: number[] } };
  assertEquals(Object.keys(split), ["teacher", "forward", "headAndLoss", "backward", "optimizer"]);
  const sum = Object.values(split).reduce((sum, seconds) => sum + seconds, 0);
  assert(sum > 0 && sum < 2 * Number(line.secondsPerStep), `${sum} of ${line.secondsPerStep}`);
  assertEquals([rows.tokens.length, line.tokensPerStep], [3, (rows.tokens[1] + rows.tokens[2]) / 2]);
  assertEquals(json, false);
  const table = textOf({ line, json });
  for (const figure of ["secondsPerStep", "split.headAndLoss", "rows.meanTokens"]) assert(table.includes(figure));
  assertEquals(JSON.parse(textOf({ line, json: true })).benchmark, "step");
});

Deno.test("bench step measures the second epoch where the teacher's states are kept", async () => {
  const sizes = ["--student", "student", "--teacher", "teacher", "--batch", "2", "--steps", "1"];
  const { line, json } = await benchStep(["--engine", "wasm", ...sizes, "--teacher-cache", "--json"]);
  const { teacher, forward } = line.split as Record<string, number>;
  assert(json && teacher < forward, `the teacher took ${teacher} s`);
});

Deno.test("bench loss measures both ways in processes of their own", async () => {
  const sizes = ["--tokens", "64", "--vocabulary", "500", "--width", "8", "--teacher-width", "8"];
  const { line } = await benchLoss([...sizes, "--chunk-size", "16", "--steps", "1", "--engine", "wasm"]);
  for (const key of ["secondsPerPass", "plainSecondsPerPass", "timesAsFast", "peakMiB"]) {
    assert(Number(line[key]) > 0, `${key} is ${line[key]}`);
  }
  assertEquals(line.plainTokens, 64);
});

Deno.test("bench loss with --top-k measures sparse answers beside whole distributions, and no heads", async () => {
  const sizes = ["--tokens", "64", "--vocabulary", "500", "--chunk-size", "16", "--steps", "1", "--engine", "wasm"];
  const { line } = await benchLoss([...sizes, "--top-k", "8"]);
  for (const key of ["sparseSecondsPerPass", "denseSecondsPerPass", "sparseShare"]) {
    assert(Number(line[key]) > 0, `${key} is ${line[key]}`);
  }
  assertEquals([line.tokens, line.topK], [16, 8]);
  await assertRejects(() => benchLoss(["--top-k", "8", "--width", "8"]), UsageError, "no --top-k");
});

Deno.test("bench leak counts tensors and memory on the way, and finds them level", async () => {
  const lines = [];
  for await (const line of benchLeak(["--engine", "wasm", "--steps", "60", "--growth", "500"])) lines.push(line);
  const [{ samples, level, grown }] = lines as { samples: LeakSample[]; level: boolean; grown: string[] }[];
  assertEquals([level, grown, samples.map(({ step }) => step)], [true, [], [6, 15, 30, 60]]);
  for (const { tensors, usedMiB, residentMiB } of samples) assert(tensors > 0 && usedMiB > 10 && usedMiB < residentMiB);
});

Deno.test("grown() names what grew, resident memory only where it grew by more than it may", () => {
  const sample = (step: number, changes: Partial<LeakSample> = {}): LeakSample => ({
    step,
    tensors: 9,
    bytes: 900,
    handles: 8,
    residentMiB: 100,
    usedMiB: 80,
    ...changes,
  });
  const samples = (changes: Partial<LeakSample>) => [sample(100), sample(250), sample(500), sample(1000, changes)];
  assertEquals(grown(samples({}), 16), []);
  assertEquals(grown(samples({ residentMiB: 150, usedMiB: 96 }), 16), []);
  assertEquals(grown(samples({ usedMiB: 97 }), 16), ["usedMiB"]);
  assertEquals(grown(samples({ tensors: 10, handles: 9 }), 16), ["tensors", "handles"]);
  assertEquals(grown(samples({ bytes: 904 }), 16), ["bytes"]);
});

Deno.test("bench overhead measures a step of tiny models", async () => {
  const { line } = await benchOverhead(["--engine", "wasm", "--steps", "2"]);
  assert(Number(line.millisecondsPerStep) > 0 && line.studentLayers === 12 && line.teacherLayers === 24);
});

/** The Python of these tests. */
async function interpreter(): Promise<string> {
  const own = Deno.env.get("AMID_PYTHON");
  return await findPython({ install: false, report, ...(own && { candidates: [own] }) });
}

testWithPython(["torch", "transformers"], "the padded step of PyTorch runs and is timed step by step", async () => {
  const { batches } = await benchRows(undefined, { batch: 1, steps: 2 });
  const common = { batch: 1, steps: 1, device: "cpu", precision: "float32", alpha: 0, lambda: 0.1, distillWeight: 1 };
  const models = { student: shapes.student, teacher: shapes.student };
  const result = await runPeer(await interpreter(), {
    program: "step",
    settings: { ...common, ...models, rows: batches.flat() },
  });
  assertEquals(result.seconds.length, 1);
  assert(result.seconds[0] > 0 && result.peakMiB > 0 && /^\d+\.\d+/.test(result.version));
});

testWithPython(["torch", "transformers"], "generation by transformers runs and is timed batch by batch", async () => {
  const settings = { model: shapes.student, batch: 2, promptLength: 3, newTokens: 4, steps: 1, device: "cpu" };
  const program = "generate";
  const result = await runPeer(await interpreter(), { program, settings: { ...settings, precision: "float32" } });
  assertEquals(result.seconds.length, 1);
});

Deno.test("bench generate counts the tokens of a queue's answers, and says what the memory would allow", async () => {
  const sizes = ["--model", "student", "--batch", "3", "--prompt-length", "8", "--new-tokens", "12", "--steps", "1"];
  const { line } = await benchGenerate(["--engine", "wasm", ...sizes, "--queue", "9"]);
  const tokens = Number(line.tokensPerSecond) * Number(line.secondsPerBatch);
  assert(Math.abs(tokens - Math.round(tokens)) < 1e-6 && tokens >= 9 && tokens < 9 * 12, `${tokens} tokens`);
  // Two blocks of width 96 and the head of 4,096 tokens, read once for three rows.
  const weights = 2 * (12 * 96 * 96 + 13 * 96) + 2 * 96 + 4096 * 96;
  const bound = 3 * Number(line.readGBPerSecond) * 1e9 / (4 * weights);
  assert(Math.abs(Number(line.boundTokensPerSecond) / bound - 1) < 1e-6, `${line.boundTokensPerSecond}, not ${bound}`);
});

Deno.test("queueOf() makes the same queue each time, of prompts of different lengths", () => {
  const sizes = { promptLength: 40, newTokens: 32, vocabularySize: 500 };
  const { prompts, sampling } = queueOf(30, sizes);
  assertEquals(queueOf(30, sizes), { prompts, sampling });
  const lengths = prompts.map(({ length }) => length);
  assert(Math.min(...lengths) >= 10 && Math.max(...lengths) <= 40 && new Set(lengths).size > 10, `${lengths}`);
  assert(sampling.stopTokens.length > 500 / 16 / 2 && sampling.stopTokens.length < 500 / 16 * 2);
});
