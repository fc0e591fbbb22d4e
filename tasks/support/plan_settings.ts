/**
 * The settings of plans: flags with their units, and what the model of a cluster makes of them.
 *
 * @module
 */
import { z } from "zod";
import {
  type ChoosePlanOptions,
  type Cluster,
  describeModel,
  deviceFigures,
  DOLLY_ROWS,
} from "../../lib/planning/mod.ts";
import { readingConfig, readJsonObject } from "../../lib/models/json_file.ts";
import { storedModel } from "../../lib/models/stored_model.ts";
import type { DescribedModel } from "../../lib/training/memory/estimate_memory.ts";
import { configOfShape, shapes } from "../bench/shared.ts";
import type { PlanConstants } from "./plan_constants.ts";
import { inGroup } from "./field.ts";
import { UsageError } from "./usage_error.ts";

const { tokens, responseTokens, longest, deviation } = DOLLY_ROWS;

/** The settings of `deno task plan`. */
export const planSchema = z.strictObject({
  student: z.string().default("gpt2").describe(
    `the student: one of ${Object.keys(shapes).join(", ")}, a model's folder, a GGUF file or a config.json`,
  ),
  teacher: z.string().default("gpt2-medium").describe("the teacher, likewise; none for next-token training"),
  gpus: z.string().default("8,64,512").describe("numbers of devices, joined by commas; ranks where device is cpu-core"),
  nodes: z.string().optional().describe("for each of them the number of nodes; 8 devices a node if absent"),
  device: z.enum(["h100", "a100", "cpu-core"]).default("h100").describe(
    "whose data sheet gives what is not said below",
  ),
  ...inGroup("Devices and links", {
    flops: z.number().positive().optional().describe("TFLOP/s that a step reaches; peak times utilization if absent"),
    utilization: z.number().positive().max(1).default(0.35).describe("share of the peak that a step reaches"),
    overhead: z.number().min(0).optional().describe(
      "ms a group of rows for launches and interpreter; 3, or 0 on cpu-core",
    ),
    memory: z.number().positive().optional().describe("GB of a device"),
    memoryBandwidth: z.number().positive().optional().describe("GB/s from and to a device's memory"),
    bandwidth: z.number().positive().default(100).describe("Gbit/s of a node's network, in each direction"),
    latency: z.number().min(0).default(10).describe("µs of a message between nodes"),
    insideBandwidth: z.number().positive().optional().describe("Gbit/s between devices of a node, in each direction"),
    insideLatency: z.number().min(0).optional().describe("µs of a message between devices of a node"),
    cores: z.int().min(1).optional().describe("cores of a node, where ranks share them; enough if absent"),
    threads: z.int().min(1).default(1).describe("cores that a rank would use"),
    hostMemory: z.number().positive().optional().describe("GB of a node's own memory; 1000, or that of all cpu-cores"),
  }),
  ...inGroup("What is chosen", {
    batch: z.int().min(1).optional().describe("rows of a step on all devices; chosen if absent"),
    largestBatch: z.int().min(1).default(2048).describe("the most rows of a step to choose"),
  }),
  ...inGroup("Rows", {
    rowTokens: z.number().default(tokens).describe("mean tokens of a row; the defaults are Dolly's in GPT-2's tokens"),
    responseTokens: z.number().default(responseTokens).describe("mean tokens of a response"),
    longestRow: z.number().default(longest).describe("tokens of the longest row"),
    rowDeviation: z.number().default(deviation).describe("standard deviation of a row's tokens"),
    rows: z.int().min(1).default(11_435).describe("rows of the data set; Dolly's train split by default"),
    epochs: z.int().min(1).default(20).describe("times that each row is trained on"),
  }),
  ...inGroup("What is chosen", {
    sharedCache: z.boolean().default(false).describe(
      "teacher states lie where all ranks find them, in a shared folder",
    ),
    recomputation: z.boolean().default(true).describe("let recomputation by block be chosen"),
    overlap: z.boolean().default(false).describe(
      "gradients travel while the backward pass still runs, as they would at best",
    ),
    bucket: z.number().positive().default(25).describe("MiB of gradients that travel together"),
  }),
  constants: z.string().optional().describe("file of lines that `deno task bench comm` and `bench step` printed"),
  json: z.boolean().default(false).describe("one JSON line for each number of devices"),
  ...inGroup("Measuring, with --check", {
    check: z.string().optional().describe("numbers of ranks to measure here under mpirun, against their prediction"),
    checkBatch: z.int().min(1).default(16).describe("check: rows of a step, dealt to the ranks"),
    checkSteps: z.int().min(1).default(5).describe("check: steps that are measured"),
    engine: z.enum(["auto", "torch", "wasm"]).default("auto").describe(
      "check: what computes; auto is the fastest that is present",
    ),
    mpirun: z.string().default("mpirun --oversubscribe").describe("check: how ranks are started"),
  }),
});

/** Those settings, parsed. */
export type PlanSettings = z.output<typeof planSchema>;

/** Two models of which the shapes are known. */
export interface DescribedPair {
  student: DescribedModel;
  teacher?: DescribedModel;
}

/** Converts Gbit/s to bytes per second. */
const bytesOf = (gigabits: number) => gigabits * 1e9 / 8;

/**
 * Reads whole numbers joined by commas.
 *
 * @throws {UsageError} If one is not a whole number from 1.
 */
export function parseCounts(text: string, flag: string): number[] {
  return text.split(",").map((part) => {
    const count = Number(part.trim());
    if (part.trim() !== "" && Number.isInteger(count) && count >= 1) return count;
    throw new UsageError(
      `Cannot use ${flag}: whole numbers from 1 joined by commas are needed, current value is ${text}`,
    );
  });
}

/**
 * The shapes of student and teacher.
 *
 * @throws {UsageError} If a name is no known shape and there is no such file.
 */
export async function describedPair(
  { student, teacher }: Pick<PlanSettings, "student" | "teacher">,
): Promise<DescribedPair> {
  return {
    student: await described(student, "--student"),
    teacher: teacher === "none" ? undefined : await described(teacher, "--teacher"),
  };
}

async function described(name: string, flag: string): Promise<DescribedModel> {
  if (Object.hasOwn(shapes, name)) return describeModel(configOfShape(name));
  try {
    if (!name.endsWith(".json")) return describeModel((await storedModel(name)).config.json);
    const json = await readJsonObject(name);
    return readingConfig(name, () => describeModel(json));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory)) throw error;
    throw new UsageError(
      `Cannot use ${flag}: one of ${
        Object.keys(shapes).join(", ")
      }, a folder with config.json, a GGUF file or a config.json is ` +
        `needed, current value is ${name}`,
      { cause: error },
    );
  }
}

/** Options for {@linkcode clustersOf}. */
export interface ClustersOptions {
  /** What was measured. */
  constants: PlanConstants;
  /** Keys of settings that a flag or a file gave; they go before what was measured. */
  given: ReadonlySet<string>;
}

/**
 * The clusters that are asked for.
 *
 * @throws {UsageError} If devices cannot be divided among the nodes.
 */
export function clustersOf(settings: PlanSettings, { constants, given }: ClustersOptions): Cluster[] {
  const figures = deviceFigures[settings.device];
  const { flops, overhead, memory, memoryBandwidth, insideBandwidth, insideLatency, cores, threads } = settings;
  const gpus = parseCounts(settings.gpus, "--gpus");
  const nodes = settings.nodes ? parseCounts(settings.nodes, "--nodes") : gpus.map((count) => Math.ceil(count / 8));
  if (nodes.length !== gpus.length) {
    throw new UsageError(
      `Cannot use --nodes: a number for each of --gpus ${settings.gpus} is needed, current value is ${settings.nodes}`,
    );
  }
  const rate = given.has("flops") || given.has("utilization") ? undefined : constants.device?.flops;
  const ownOverhead = overhead === undefined ? undefined : overhead / 1e3;
  const byDefault = constants.device || figures.unified ? 0 : 3e-3;
  const device = {
    flops: flops !== undefined ? flops * 1e12 : rate ?? settings.utilization * figures.peakFlops,
    memoryBandwidth: memoryBandwidth !== undefined ? memoryBandwidth * 1e9 : figures.memoryBandwidth,
    memory: memory !== undefined ? memory * 1e9 : figures.memory,
    stepOverhead: ownOverhead === undefined ? constants.device?.stepOverhead ?? 0 : 0,
    batchOverhead: ownOverhead ?? byDefault,
  };
  const inside = {
    latency: insideLatency !== undefined ? insideLatency / 1e6 : (constants.inside ?? figures.inside).latency,
    bandwidth: insideBandwidth !== undefined
      ? bytesOf(insideBandwidth)
      : (constants.inside ?? figures.inside).bandwidth,
  };
  const { between: measured } = constants;
  const between = {
    latency: measured && !given.has("latency") ? measured.latency : settings.latency / 1e6,
    bandwidth: measured && !given.has("bandwidth") ? measured.bandwidth : bytesOf(settings.bandwidth),
  };
  const independent = cores === undefined ? undefined : cores / threads;
  return gpus.map((devices, index) => {
    if (devices % nodes[index] !== 0) {
      throw new UsageError(
        `Cannot plan: --nodes must divide --gpus, current values are ${nodes[index]} and ${devices}`,
      );
    }
    return { devices, nodes: nodes[index], device, inside, between, independent };
  });
}

/** What a plan is chosen from. */
export function planOptionsOf(
  settings: PlanSettings,
  { pair, cluster }: { pair: DescribedPair; cluster: Cluster },
): ChoosePlanOptions {
  const { rowTokens, responseTokens, longestRow, rowDeviation, rows, epochs, batch, largestBatch } = settings;
  const { unified } = deviceFigures[settings.device];
  const perNode = cluster.devices / cluster.nodes;
  const hostMemory = settings.hostMemory !== undefined
    ? settings.hostMemory * 1e9
    : unified
    ? perNode * cluster.device.memory
    : 1e12;
  return {
    ...pair,
    cluster,
    batch,
    largestBatch,
    hostMemory,
    unified,
    rows: { tokens: rowTokens, responseTokens, longest: longestRow, deviation: rowDeviation },
    data: { rows, epochs },
    bucket: settings.bucket * 2 ** 20,
    overlap: settings.overlap,
    sharedCache: settings.sharedCache,
    fused: true,
    halfCopies: !unified,
    mayRecompute: settings.recomputation,
  };
}
