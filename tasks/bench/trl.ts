/**
 * Whole runs against TRL's: the same models, rows, steps and objective; the losses of both, seconds and memory.
 *
 * @module
 */
import { join } from "node:path";
import { z } from "zod";
import { batches } from "../../lib/batches/batches.ts";
import type { Row } from "../../lib/batches/row.ts";
import { corpusRows, loadCorpus, renderTexts } from "../../lib/datasets/corpus.ts";
import { useEngine } from "../../lib/engines/mod.ts";
import { writeAtomically } from "../../lib/files/atomic_write.ts";
import { loadModel, saveModel } from "../../lib/models/load_model.ts";
import { loadTokenizer } from "../../lib/text/tokenizer.ts";
import { is } from "../support/effects.ts";
import { parseTask } from "../support/schema.ts";
import { runBenchmark } from "./child.ts";
import { ratio } from "./loss.ts";
import { findPython, runPeer } from "./python.ts";
import type { RunPlan } from "./run.ts";
import { median } from "./shared.ts";

const schema = z.strictObject({
  student: z.string().min(1).describe("folder, GGUF file or repository of the student's start"),
  teacher: z.string().min(1).describe("that of the teacher"),
  data: z.string().min(1).describe("a file or folder of rows, as for the task distill"),
  steps: z.int().min(2).default(20).describe("steps of both"),
  batchSize: z.int().min(1).default(8).describe("rows per step"),
  maxLength: z.int().min(2).default(256).describe("maximum tokens of a row"),
  beta: z.number().min(0).max(1).default(0).describe(
    "the generalised Jensen-Shannon divergence's weight: 0 is forward KL, 1 reverse KL",
  ),
  policy: z.enum(["off", "on"]).default("off").describe("rows of the data, or responses that the student writes"),
  maxNewTokens: z.int().min(1).default(64).describe("on: tokens that it writes at most"),
  learningRate: z.number().positive().default(1e-4).describe("constant; AdamW, gradients clipped at norm 1"),
  recompute: z.boolean().default(false).describe("recompute activations in the backward pass, in both"),
  precision: z.enum(["float32", "bfloat16"]).default("float32").describe("precision of both"),
  seed: z.int().default(1).describe("order of the rows, and draws"),
  output: z.string().min(1).default("runs/bench-trl").describe("folder for the models and for curves.json"),
  install: z.boolean().default(true).describe("create .python with PyTorch and TRL if no Python has them"),
});

type Settings = z.output<typeof schema>;

/** What a run of either showed. */
interface Curve {
  /** The loss of each step, in nats a token. */
  losses: number[];
  secondsPerStep: number;
  peakMiB: number;
}

/** Yields one line: both curves, how far they are apart, and how many times as fast ours is. */
export async function* benchTrl(args: readonly string[]): AsyncGenerator<Record<string, unknown>> {
  const { config } = await parseTask({
    name: "bench trl",
    description: "Run the same distillation here and by TRL's GKDTrainer.",
    schema,
    args,
    effects: [{ of: ["maxNewTokens"], needs: [is("policy", "on")] }],
  });
  const report = (line: string) => console.error(line);
  const python = await findPython({ install: config.install, report, modules: ["torch", "trl"] });
  const { plan, order } = await prepare(config);
  const path = join(config.output, "plan.json");
  await writeAtomically(path, JSON.stringify(plan));
  const { precision } = config;
  report(`${config.steps} steps of ${config.batchSize} rows here`);
  const flags = ["--plan", path, "--engine", "torch", "--precision", precision, "--json"];
  const ours = await runBenchmark(["run", ...flags]) as { losses: number[]; seconds: number[]; peakMiB: number };
  report(`${config.steps} steps by TRL`);
  const { rows: _rows, ...others } = plan;
  const theirs = await runPeer<{ losses: number[] }>(python, {
    program: "trl_run",
    settings: { ...others, batches: order, precision },
  });
  const line = compared(config, { ours, theirs });
  await writeAtomically(join(config.output, "curves.json"), JSON.stringify(line, null, 1) + "\n");
  yield line;
}

/** Writes both models as TRL reads them, and puts the rows in the order of the steps. */
async function prepare(config: Settings): Promise<{ plan: RunPlan; order: Row[][] }> {
  const { data, steps, batchSize, maxLength, beta, policy, maxNewTokens, learningRate, recompute, seed } = config;
  await useEngine("cpu");
  const tokenizer = await loadTokenizer(config.student);
  const folders = { student: join(config.output, "student"), teacher: join(config.output, "teacher") };
  for (const who of ["student", "teacher"] as const) {
    const model = await loadModel(config[who]);
    await saveModel(model, folders[who]);
    await tokenizer.save(folders[who]);
    model.dispose();
  }
  const { train } = await loadCorpus(data, { counts: { train: steps * batchSize }, seed });
  const rows = corpusRows(renderTexts(train, { tokenizer }), tokenizer, { maxLength, longPrompts: "cut" });
  const plan = { ...folders, rows, batchSize, steps, beta, policy, maxNewTokens, learningRate, recompute, seed };
  const order = [...batches(rows, { batchSize, seed, window: 1 }).take(steps)].map(({ rows }) => rows);
  return { plan, order };
}

function compared(
  { student, teacher, steps, batchSize, beta, policy, precision }: Settings,
  { ours, theirs }: {
    ours: { losses: number[]; seconds: number[]; peakMiB: number };
    theirs: { losses: number[]; seconds: number[]; peakMiB: number; version: string };
  },
): Record<string, unknown> {
  const curve = ({ losses, seconds, peakMiB }: typeof ours): Curve => ({
    losses,
    secondsPerStep: median(seconds.slice(1)),
    peakMiB,
  });
  const [one, other] = [curve(ours), curve(theirs)];
  return {
    benchmark: "trl",
    student,
    teacher,
    steps,
    batchSize,
    beta,
    policy,
    precision,
    ...one,
    peer: `TRL ${theirs.version}`,
    peerLosses: other.losses,
    peerSecondsPerStep: other.secondsPerStep,
    peerPeakMiB: other.peakMiB,
    largestDifference: Math.max(...one.losses.map((loss, step) => Math.abs(loss - other.losses[step]))),
    timesAsFast: ratio(other.secondsPerStep, one.secondsPerStep),
    memoryShare: ratio(one.peakMiB, other.peakMiB),
  };
}
