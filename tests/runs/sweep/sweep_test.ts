import type { RunResult } from "../../../lib/figures/run_result.ts";
import { sweep, type SweepContext } from "../../../lib/runs/sweep/sweep.ts";
import { sweepRuns } from "../../../lib/runs/sweep/sweep_run.ts";
import { NonFiniteLossError } from "../../../lib/training/step/non_finite_loss_error.ts";
import { assert, assertEquals, assertRejects, assertThrows } from "../../support/mod.ts";

const scores = (validLoss: number, rougeL: number) => ({ validLoss, rougeL, exactMatch: 1, kinds: {} });

/** Leaves what a run leaves that ends with these scores. */
async function finish({ folder }: SweepContext, validLoss: number): Promise<{ finished: boolean }> {
  const student = scores(validLoss, 30);
  const constant = { rougeL: 5, exactMatch: 0 };
  const result: RunResult = {
    engine: "wasm",
    seconds: 1,
    teacher: scores(1, 50),
    start: scores(4, 9),
    student,
    constant,
  };
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(`${folder}/result.json`, JSON.stringify(result));
  return { finished: true };
}

Deno.test("sweepRuns() makes every choice, the last list changing fastest, and names that can be folders", () => {
  const runs = sweepRuns({ alpha: [-1, Infinity], seed: [1, 2] });
  assertEquals(runs.map(({ values: { alpha, seed } }) => [alpha, seed]), [[-1, 1], [-1, 2], [Infinity, 1], [
    Infinity,
    2,
  ]]);
  assertEquals(runs.map(({ name }) => name), [
    "alpha_-1__seed_1",
    "alpha_-1__seed_2",
    "alpha_inf__seed_1",
    "alpha_inf__seed_2",
  ]);
  const [first, second] = sweepRuns({ data: ["a/b", "a:b"] }).map(({ name }) => name);
  assert(/^data_a-b-[0-9a-f]{8}$/.test(first) && first !== second, `${first} and ${second}`);
  assertThrows(() => sweepRuns({ alpha: [] }), RangeError, "the list of alpha must have at least one value");
});

Deno.test("sweep() ranks settings over seeds, and continues where it was", async () => {
  const folder = await Deno.makeTempDir();
  const ran: string[] = [];
  const run = ({ alpha, seed }: { alpha: number; seed: number }, context: SweepContext) => {
    ran.push(context.name);
    return finish(context, 2 + alpha + seed / 10);
  };
  const { markdown, done, failures, stopped } = await sweep({ folder, vary: { alpha: [0, 1], seed: [1, 2] }, run });
  assertEquals([done.length, failures, stopped], [4, {}, false]);
  const lines = markdown.split("\n").filter((line) => line.startsWith("| 0") || line.startsWith("| 1"));
  assertEquals(lines.map((line) => line.split(" | ")[0]), ["| 0", "| 1"]);
  assert(lines[0].includes("2.15") && markdown.includes("ROUGE-L of the teacher 50.0"), markdown);
  for (const name of ["table.md", "table.csv", "sweep.html"]) assert((await Deno.stat(`${folder}/${name}`)).size > 0);

  const again = await sweep({ folder, vary: { alpha: [0, 1], seed: [1, 2, 3] }, run });
  assertEquals(ran.length, 6);
  assertEquals(again.done.length, 6);
});

Deno.test("sweep() tries what failed again, but not what diverged, and stops at its signal", async () => {
  const folder = await Deno.makeTempDir();
  const tried: unknown[] = [];
  const stop = new AbortController();
  const options = {
    folder,
    vary: { rate: ["diverges", "fails", "forgets", "ends"] },
    signal: stop.signal,
    async run({ rate }: { rate: string }, context: SweepContext) {
      tried.push(rate);
      if (rate === "diverges") throw new NonFiniteLossError(3, "the loss is NaN");
      if (rate === "fails" && tried.length < 4) throw new Error("no such file");
      if (rate === "forgets") return { finished: true };
      return await finish(context, 2);
    },
  };
  const first = await sweep(options);
  const kinds = Object.entries(first.failures).map(([name, { kind }]) => `${name} ${kind}`);
  assertEquals(kinds, ["rate_diverges diverged", "rate_fails failed", "rate_forgets failed"]);
  assert(first.failures.rate_forgets.message.includes("it has no result.json"));
  assertEquals(first.done.length, 1);
  const second = await sweep(options);
  assertEquals([tried.slice(4), Object.keys(second.failures)], [["fails", "forgets"], [
    "rate_diverges",
    "rate_forgets",
  ]]);
  stop.abort();
  const third = await sweep({ ...options, vary: { rate: ["ends", "waits"] } });
  assertEquals([third.stopped, third.markdown, tried.length], [true, "", 6]);
});

Deno.test("sweep() refuses runs that were begun with other settings, and a record that is not one", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.mkdir(`${folder}/alpha_1`);
  await Deno.writeTextFile(`${folder}/sweep.json`, JSON.stringify({ failures: {}, runs: { alpha_1: { alpha: 2 } } }));
  const options = { folder, vary: { alpha: [1] }, run: (_: unknown, context: SweepContext) => finish(context, 1) };
  await assertRejects(() => sweep(options), RangeError, `${folder}/alpha_1: alpha was 2, now it is 1`);
  await Deno.writeTextFile(`${folder}/sweep.json`, "[");
  await assertRejects(() => sweep(options), SyntaxError, "sweep.json is not JSON");
});
