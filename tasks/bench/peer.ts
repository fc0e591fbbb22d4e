/**
 * The training step and generation against PyTorch, transformers and vLLM, in one run on one machine.
 *
 * @module
 */
import { z } from "zod";
import { isNot } from "../support/effects.ts";
import { parseTask } from "../support/schema.ts";
import { runBenchmark } from "./child.ts";
import { ratio } from "./loss.ts";
import { findPython, findVllm, runPeer } from "./python.ts";
import { benchRows, ROWS_HELP } from "./rows.ts";
import { median, shapeField, shapes } from "./shared.ts";

const schema = z.strictObject({
  what: z.enum(["all", "step", "generate"]).default("all").describe("what is compared"),
  student: shapeField("gpt2", "student"),
  teacher: shapeField("gpt2-medium", "teacher"),
  batch: z.int().min(1).default(4).describe("rows per step"),
  steps: z.int().min(1).default(2).describe("measured steps or batches, after one warm-up"),
  rows: z.string().optional().describe(`${ROWS_HELP}; both take the same`),
  model: shapeField("gpt2", "model to generate with"),
  prompts: z.int().min(1).default(16).describe("prompts at once"),
  promptLength: z.int().min(1).default(32).describe("tokens of a prompt"),
  newTokens: z.int().min(1).default(128).describe("tokens generated per prompt"),
  writer: z.enum(["transformers", "vllm"]).default("transformers").describe(
    "what generation is compared with; vllm needs a virtual environment .vllm that has it",
  ),
  rounds: z.int().min(1).default(1).describe("number of alternating rounds; the median counts"),
  device: z.string().default("cpu").describe("where both compute: cpu or cuda:0"),
  precision: z.enum(["both", "float32", "bfloat16"]).default("both").describe("precision of both"),
  install: z.boolean().default(true).describe("create .python with PyTorch and transformers if no Python has them"),
});

type Settings = z.infer<typeof schema>;

/** One way of measuring and its figure: seconds, and memory in MiB. */
interface Figures {
  seconds: number;
  peakMiB: number;
  version: string;
}

/** Yields a line for each comparison: our seconds, the peer's, and how many times as fast ours is. */
export async function* benchPeer(args: readonly string[]): AsyncGenerator<Record<string, unknown>> {
  const effects = [
    { of: ["student", "teacher", "batch", "rows"] as const, needs: [isNot("what", "generate")] },
    { of: ["model", "prompts", "promptLength", "newTokens", "writer"] as const, needs: [isNot("what", "step")] },
  ];
  const { config } = await parseTask({
    name: "bench peer",
    description: "Compare step and generation with PyTorch, transformers and vLLM.",
    schema,
    args,
    effects,
  });
  const python = await findPython({ install: config.install, report: (line) => console.error(line) });
  const precisions = config.precision === "both" ? ["float32", "bfloat16"] : [config.precision];
  for (const precision of precisions) {
    if (config.what !== "generate") yield await compareStep(python, { ...config, precision });
    if (config.what !== "step") yield await compareGeneration(python, { ...config, precision });
  }
}

type OfPrecision = Omit<Settings, "precision"> & { precision: string };

/** The step, padded by the peer as loops commonly do, against ours. */
async function compareStep(python: string, config: OfPrecision): Promise<Record<string, unknown>> {
  const { student, teacher, batch, steps, device, precision } = config;
  // The process that measures ours chooses the same rows.
  const { batches, taken } = await benchRows(config.rows, { batch, steps: steps + 1 });
  const flags = Object.entries({ student, teacher, batch, steps, device, precision, rows: config.rows })
    .flatMap(([name, value]) => value === undefined ? [] : [`--${name}`, String(value)]);
  const settings = { batch, steps, device, precision, rows: batches.flat(), alpha: 0, lambda: 0.1, distillWeight: 1 };
  const models = { student: shapes[student], teacher: shapes[teacher] };
  const [ours, theirs] = await takeTurns(config.rounds, [
    async () => figures(await runBenchmark(["step", "--engine", "torch", "--json", ...flags]), "secondsPerStep"),
    async () => fromPeer(await runPeer(python, { program: "step", settings: { ...settings, ...models } })),
  ]);
  return {
    benchmark: "peer step",
    device,
    precision,
    student,
    teacher,
    batch,
    steps,
    secondsPerStep: ours.seconds,
    peakMiB: ours.peakMiB,
    peer: `padded step, PyTorch ${theirs.version}`,
    peerSecondsPerStep: theirs.seconds,
    peerPeakMiB: theirs.peakMiB,
    timesAsFast: ratio(theirs.seconds, ours.seconds),
    memoryShare: ratio(ours.peakMiB, theirs.peakMiB),
    rows: taken,
  };
}

/** Greedy generation with a cache, the same prompts for both. */
async function compareGeneration(python: string, config: OfPrecision): Promise<Record<string, unknown>> {
  const { model, prompts: batch, promptLength, newTokens, steps, device, precision, writer } = config;
  const program = writer === "vllm" ? "vllm_generate" : "generate";
  const interpreter = writer === "vllm" ? await findVllm() : python;
  const flags = { model, batch, "prompt-length": promptLength, "new-tokens": newTokens, steps, device, precision };
  const args = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const settings = { model: shapes[model], batch, promptLength, newTokens, steps, device, precision };
  const [ours, theirs] = await takeTurns(config.rounds, [
    async () => figures(await runBenchmark(["generate", "--engine", "torch", "--json", ...args]), "secondsPerBatch"),
    async () => fromPeer(await runPeer(interpreter, { program, settings })),
  ]);
  const perSecond = ({ seconds }: Figures) => Math.round(batch * newTokens / seconds);
  return {
    benchmark: "peer generate",
    device,
    precision,
    model,
    batch,
    promptLength,
    newTokens,
    secondsPerBatch: ours.seconds,
    tokensPerSecond: perSecond(ours),
    peakMiB: ours.peakMiB,
    peer: `${writer} ${theirs.version}`,
    peerSecondsPerBatch: theirs.seconds,
    peerTokensPerSecond: perSecond(theirs),
    peerPeakMiB: theirs.peakMiB,
    timesAsFast: ratio(theirs.seconds, ours.seconds),
  };
}

function figures(line: Record<string, unknown>, key: string): Figures {
  return { seconds: Number(line[key]), peakMiB: Number(line.peakMiB), version: String(line.version) };
}

function fromPeer({ seconds, peakMiB, version }: { seconds: number[]; peakMiB: number; version: string }): Figures {
  return { seconds: median(seconds), peakMiB, version };
}

/** Measures both in turn, so that whatever else the machine does hits both. */
async function takeTurns(rounds: number, ways: (() => Promise<Figures>)[]): Promise<Figures[]> {
  const found: Figures[][] = ways.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [i, way] of ways.entries()) found[i].push(await way());
  }
  return found.map((list) => ({
    seconds: median(list.map(({ seconds }) => seconds)),
    peakMiB: Math.max(...list.map(({ peakMiB }) => peakMiB)),
    version: list[0].version,
  }));
}
