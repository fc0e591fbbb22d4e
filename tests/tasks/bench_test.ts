import { findPython, runPeer } from "../../tasks/bench/python.ts";
import { benchLeak, grown, type LeakSample } from "../../tasks/bench/leak.ts";
import { benchOverhead } from "../../tasks/bench/overhead.ts";
import { benchLoss } from "../../tasks/bench/loss.ts";
import { benchRows, shapes } from "../../tasks/bench/shared.ts";
import { main } from "../../tasks/bench.ts";
import { UsageError } from "../../tasks/support/usage_error.ts";
import { assert, assertEquals, assertRejects } from "../support/mod.ts";
import { testWithPython } from "../support/python.ts";

const report = () => {};

Deno.test("findPython() says which Pythons it tried, and how to get one", () =>
  assertRejects(
    () => findPython({ install: false, report, candidates: ["no-such-python"] }),
    UsageError,
    "none of no-such-python has torch and transformers; `deno task bench peer --install true` makes .python",
  ));

Deno.test("bench refuses what it cannot measure, naming what there is", () =>
  assertRejects(
    () => main(["los"]),
    UsageError,
    "there are step, loss, generate, load, overhead, leak, peer, comm, ranks, current value is los",
  ));

Deno.test("bench loss measures both ways in processes of their own", async () => {
  const sizes = ["--tokens", "64", "--vocabulary", "500", "--width", "8", "--teacher-width", "8"];
  const line = await benchLoss([...sizes, "--chunk-size", "16", "--steps", "1", "--engine", "wasm"]);
  for (const key of ["secondsPerPass", "plainSecondsPerPass", "timesAsFast", "peakMiB"]) {
    assert(Number(line[key]) > 0, `${key} is ${line[key]}`);
  }
  assertEquals(line.plainTokens, 64);
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
    ...{ step, tensors: 9, bytes: 900, handles: 8, residentMiB: 100, usedMiB: 80 },
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
  const line = await benchOverhead(["--engine", "wasm", "--steps", "2"]);
  assert(Number(line.millisecondsPerStep) > 0 && line.studentLayers === 12 && line.teacherLayers === 24);
});

/** The Python of these tests. */
async function interpreter(): Promise<string> {
  const own = Deno.env.get("AMID_PYTHON");
  return await findPython({ install: false, report, ...(own && { candidates: [own] }) });
}

testWithPython(["torch", "transformers"], "the padded step of PyTorch runs and is timed step by step", async () => {
  const rows = await benchRows(undefined, 2);
  const common = { batch: 1, steps: 1, device: "cpu", precision: "float32", alpha: 0, lambda: 0.1 };
  const models = { student: shapes.student, teacher: shapes.student };
  const result = await runPeer(await interpreter(), { program: "step", settings: { ...common, ...models, rows } });
  assertEquals(result.seconds.length, 1);
  assert(result.seconds[0] > 0 && result.peakMiB > 0 && /^\d+\.\d+/.test(result.version));
});

testWithPython(["torch", "transformers"], "generation by transformers runs and is timed batch by batch", async () => {
  const settings = { model: shapes.student, batch: 2, promptLength: 3, newTokens: 4, steps: 1, device: "cpu" };
  const program = "generate";
  const result = await runPeer(await interpreter(), { program, settings: { ...settings, precision: "float32" } });
  assertEquals(result.seconds.length, 1);
});
