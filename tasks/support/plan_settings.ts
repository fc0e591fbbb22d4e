/**
 * What the model of a cluster is given for the settings of the task plan.
 *
 * @module
 */
import { type ChoosePlanOptions, type Cluster, describeModel, deviceFigures } from "../../lib/planning/mod.ts";
import { readingConfig, readJsonObject } from "../../lib/models/json_file.ts";
import { storedModel } from "../../lib/models/stored_model.ts";
import type { DescribedModel } from "../../lib/training/memory/described_model.ts";
import { configOfShape, shapes } from "../bench/shared.ts";
import type { PlanConstants } from "./plan_constants.ts";
import type { PlanSettings } from "./plan_setup.ts";
import { UsageError } from "./usage_error.ts";

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
      `Cannot use ${flag}: positive whole numbers joined by commas are needed, current value is ${text}`,
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
 * The clusters that are requested.
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
