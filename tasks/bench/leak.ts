/**
 * Whether anything grows over many steps: tensors, handles of libtorch, resident memory; on every engine there is.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import { type EngineName, EngineUnavailableError, useEngine } from "../../lib/engines/mod.ts";
import { ENGINE_NAMES, engines } from "../../lib/engines/engines.ts";
import { parseTask } from "../support/schema.ts";
import { runBenchmark } from "./child.ts";
import { benchFields, place, startEngine } from "./shared.ts";
import { tinyTrainer } from "./tiny.ts";

const schema = z.strictObject({
  ...benchFields,
  engine: z.enum(["all", ...ENGINE_NAMES]).default("all").describe(
    "all: every available engine, each in a separate process",
  ),
  steps: z.int().min(40).default(1000).describe(
    "steps; tensors and memory are counted after a tenth, a quarter, half, and all of them",
  ),
  growth: z.number().min(0).default(32).describe(
    "MiB by which resident memory may grow after the first quarter of the steps",
  ),
});

/** What there is after some steps. */
export interface LeakSample {
  step: number;
  tensors: number;
  bytes: number;
  /** Tensors of libtorch, on the engine torch. */
  handles?: number;
  /** Resident memory of the process. */
  residentMiB: number;
  /** Of it, what is in use: without the pages that the runtime's heap keeps in reserve for its next objects. */
  usedMiB: number;
}

/**
 * Says what grew in a run: tensors, bytes and handles at all, resident memory in use by more than `growth` since the
 * second sample, when the engine's own caches and compiled code are there.
 */
export function grown(samples: readonly LeakSample[], growth: number): string[] {
  const [first, second] = samples;
  const last = samples.at(-1)!;
  const counts = (["tensors", "bytes", "handles"] as const).filter((name) => (last[name] ?? 0) > (first[name] ?? 0));
  return last.usedMiB - second.usedMiB > growth ? [...counts, "usedMiB"] : counts;
}

/** Takes the steps, on one engine or on each in turn; a line an engine. */
export async function* benchLeak(args: readonly string[]): AsyncGenerator<Record<string, unknown>> {
  const description = "Check that nothing grows over many steps.";
  const { config } = await parseTask({ name: "bench leak", description, schema, args });
  const { engine } = config;
  if (engine === "all") {
    for (const name of engines.keys()) {
      const reason = await absence(name);
      yield reason === undefined
        ? await withCollector([...args, "--engine", name])
        : { benchmark: "leak", engine: name, absent: reason };
    }
  } else yield collector() ? await measure({ ...config, engine }) : await withCollector(args);
}

/** Takes the steps in a process where the collector runs before each count, so that only what is in use is counted. */
function withCollector(args: readonly string[]): Promise<Record<string, unknown>> {
  return runBenchmark(["leak", ...args], { flags: ["--v8-flags=--expose-gc"] });
}

/** V8's collector, where the process was started with it. */
const collector = () => (globalThis as { gc?: () => void }).gc;

/** Why an engine cannot be started here; undefined if it can. */
async function absence(name: string): Promise<string | undefined> {
  try {
    await useEngine(name as "auto");
    return undefined;
  } catch (error) {
    if (error instanceof EngineUnavailableError) return error.reason;
    throw error;
  }
}

async function measure(
  { steps, growth, ...config }: z.output<typeof schema> & { engine: EngineName | "auto" },
): Promise<Record<string, unknown>> {
  await startEngine(config);
  const { trainer, rowsOf } = tinyTrainer({ studentLayers: 2, teacherLayers: 2, steps });
  const marks = [0.1, 0.25, 0.5, 1].map((share) => Math.round(share * steps));
  const samples: LeakSample[] = [];
  for (let step = 1; step <= steps; step++) {
    await trainer.step(rowsOf(step));
    if (marks.includes(step)) samples.push(leakSample(step));
  }
  const what = grown(samples, growth);
  return { benchmark: "leak", ...place(), steps, samples, grown: what, level: what.length === 0 };
}

/** Counts what there is after a step; in a process with `--expose-gc` the collector runs before. */
export function leakSample(step: number): LeakSample {
  collector()?.();
  const { numTensors: tensors, numBytes: bytes, ...engine } = tf.memory();
  const { handles } = engine as { handles?: number };
  const { rss, heapTotal, heapUsed } = Deno.memoryUsage();
  const mebibytes = (bytes: number) => Math.round(bytes / 2 ** 18) / 4;
  const memory = { residentMiB: mebibytes(rss), usedMiB: mebibytes(rss - heapTotal + heapUsed) };
  return { step, tensors, bytes, ...(handles === undefined ? {} : { handles }), ...memory };
}
