import { findPython, runPeer } from "../../tasks/bench/python.ts";
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
  assertRejects(() => main(["los"]), UsageError, "there are step, loss, generate, load, peer, comm, current value is los"));

Deno.test("bench loss measures both ways in processes of their own", async () => {
  const sizes = ["--tokens", "64", "--vocabulary", "500", "--width", "8", "--teacher-width", "8"];
  const line = await benchLoss([...sizes, "--chunk-size", "16", "--steps", "1", "--engine", "wasm"]);
  for (const key of ["secondsPerPass", "plainSecondsPerPass", "timesAsFast", "peakMiB"]) {
    assert(Number(line[key]) > 0, `${key} is ${line[key]}`);
  }
  assertEquals(line.plainTokens, 64);
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
