/**
 * Predictions of the planner's model, against what ranks on this machine really take.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { type Cluster, deviceFigures, type StepTime, stepTime } from "../../lib/planning/mod.ts";
import { ENGINES, MPI, permissionFlags, together } from "./permissions.ts";
import { describedPair, parseCounts } from "./plan_settings.ts";
import type { PlanSettings } from "./plan_setup.ts";
import { constantsOf } from "./plan_constants.ts";
import { formatTable } from "./table.ts";
import { UsageError } from "./usage_error.ts";

/** What of a line of `bench ranks` is needed. */
const ranksLine = z.object({
  benchmark: z.literal("ranks"),
  secondsPerStep: z.number().positive(),
  summingSeconds: z.number().min(0),
  fused: z.boolean(),
  extent: z.object({ rows: z.number(), positions: z.number(), keptTokens: z.number() }),
});

/** The batches of the steps that the rate is fitted to, as shares of the one that is predicted. */
const CALIBRATION = [0.5, 2];

/**
 * Measures this machine: steps of one rank at half and twice the batch, for its rate, the link between two ranks, and
 * steps at each number of ranks, which the model predicts from the former. The rate is measured before and after them, for
 * a machine that others share is now faster, now slower.
 *
 * @returns Texts, one after the other: what is measured, and the table at the end.
 * @throws {UsageError} If `mpirun` is absent or fails.
 */
export async function* checkPlan(settings: PlanSettings): AsyncGenerator<string> {
  const counts = parseCounts(settings.check!, "--check");
  const { checkBatch: batch, checkSteps, engine, student, teacher } = settings;
  if (teacher === "none") {
    throw new UsageError("Cannot check a plan: --teacher must name a shape, it is absent");
  }
  const pair = await describedPair(settings);
  const flags = ["--student", student, "--teacher", teacher, "--engine", engine, "--steps", String(checkSteps)];
  const step = async (ranks: number, rows: number) => {
    const [line] = await onRanks(ranks, ["ranks", ...flags, "--batch", String(rows)], settings);
    return ranksLine.parse(line);
  };
  yield `${student} ← ${teacher} on ${engine}, ${batch} rows per step, ${cores(settings)} cores`;
  const lines: unknown[] = [];
  const calibrate = async () => {
    for (const share of CALIBRATION) {
      const { secondsPerStep, extent, fused } = await step(1, Math.max(1, Math.round(share * batch)));
      lines.push({ benchmark: "step", student, teacher, secondsPerStep, extent, fused, teacherCache: false });
    }
  };
  await calibrate();
  if (counts.some((count) => count > 1)) {
    lines.push(...await onRanks(2, ["comm", "--seconds", "0.2", "--to", "16"], settings));
  }
  const measured: z.output<typeof ranksLine>[] = [];
  for (const ranks of counts) measured.push(await step(ranks, batch));
  await calibrate();
  const constants = constantsOf(lines.map((value, index) => ({ value, where: `measurement ${index + 1}` })));
  const figures = deviceFigures["cpu-core"];
  const rates = { ...constants.device!, memoryBandwidth: figures.memoryBandwidth, memory: figures.memory };
  const link = constants.inside ?? figures.inside;
  yield `measured: ${(rates.flops / 1e9).toFixed(1)} GFLOP/s, ${(1e3 * rates.stepOverhead).toFixed(1)} ms overhead` +
    (constants.inside
      ? `, ${(1e6 * link.latency).toFixed(0)} µs, ${(8 * link.bandwidth / 1e9).toFixed(1)} Gbit/s`
      : "");
  const head = [
    "ranks",
    "rows/rank",
    "predicted ms",
    "measured ms",
    "error",
    "summing ms, predicted",
    "measured, with waiting",
  ];
  const table: (string | number)[][] = [head];
  for (const [index, ranks] of counts.entries()) {
    const { secondsPerStep, summingSeconds, extent, fused } = measured[index];
    const device = { ...rates, batchOverhead: 0 };
    const cluster: Cluster = {
      devices: ranks,
      nodes: 1,
      device,
      inside: link,
      between: link,
      independent: cores(settings),
    };
    const rows = {
      tokens: extent.positions / batch,
      responseTokens: extent.keptTokens / batch,
      longest: extent.positions / batch,
      deviation: 0,
    };
    const rowsPerDevice = Math.ceil(batch / ranks);
    const choice = { rowsPerDevice, microBatchRows: rowsPerDevice, shardOptimizer: false, recompute: false, cached: 0 };
    const time: StepTime = stepTime({ ...pair, cluster, rows, choice, fused });
    const milliseconds = (seconds: number) => (1e3 * seconds).toFixed(1);
    table.push([
      ranks,
      rowsPerDevice,
      milliseconds(time.seconds),
      milliseconds(secondsPerStep),
      `${(100 * (time.seconds / secondsPerStep - 1)).toFixed(0)} %`,
      milliseconds(time.packing + time.exposed),
      milliseconds(summingSeconds),
    ]);
  }
  yield `\n${formatTable(table)}`;
}

const cores = ({ cores, threads }: PlanSettings): number => (cores ?? navigator.hardwareConcurrency) / threads;

/** Runs a benchmark under mpirun and reads the lines that rank 0 prints. */
async function onRanks(
  ranks: number,
  args: readonly string[],
  { mpirun: launcher, threads }: PlanSettings,
): Promise<unknown[]> {
  const [program, ...launch] = launcher.split(" ").filter((part) => part !== "");
  const file = fileURLToPath(new URL("../bench.ts", import.meta.url));
  const permissions = ["--allow-read", ...permissionFlags(together(ENGINES, MPI))];
  const all = [
    ...launch,
    "-n",
    String(ranks),
    Deno.execPath(),
    "run",
    "--quiet",
    "--no-prompt",
    "--no-check",
    ...permissions,
    file,
  ];
  let output: Deno.CommandOutput;
  try {
    output = await new Deno.Command(program, {
      args: [...all, ...args],
      env: { OMP_NUM_THREADS: String(threads) },
      stdin: "null",
    }).output();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new UsageError(`Cannot check a plan: --mpirun names no program, current value is ${launcher}`, {
      cause: error,
    });
  }
  const [out, said] = [output.stdout, output.stderr].map((bytes) => new TextDecoder().decode(bytes));
  if (!output.success) {
    const reason = said.trim().split("\n").filter((line) => !/^-+$/.test(line)).slice(0, 3).join(" / ");
    throw new UsageError(`Cannot check a plan: ${program} with ${ranks} ranks failed (${reason})`);
  }
  return out.split("\n").filter((line) => line.startsWith("{")).map((line) => JSON.parse(line));
}
