/**
 * The settings of the task plan: flags with their units.
 *
 * @module
 */
import { z } from "zod";
import { DOLLY_ROWS } from "../../lib/planning/mod.ts";
import { shapes } from "../bench/shared.ts";
import { absent, type Effect, either, given } from "./effects.ts";
import { inGroup } from "./field.ts";
import type { TaskHelp } from "./help.ts";

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

type Key = keyof PlanSettings;

/** Which settings count only beside others. */
export const planEffects: readonly Effect<Key>[] = [
  { of: ["checkBatch", "checkSteps", "engine", "mpirun"], needs: [given("check")] },
  {
    of: [
      "gpus",
      "nodes",
      "device",
      "flops",
      "utilization",
      "overhead",
      "memory",
      "memoryBandwidth",
      "bandwidth",
      "latency",
      "insideBandwidth",
      "insideLatency",
      "hostMemory",
      "batch",
      "largestBatch",
      "rowTokens",
      "responseTokens",
      "longestRow",
      "rowDeviation",
      "rows",
      "epochs",
      "sharedCache",
      "overlap",
      "bucket",
      "constants",
      "json",
    ],
    needs: [absent("check")],
  },
  { of: ["utilization"], needs: [absent("flops")] },
  { of: ["largestBatch"], needs: [absent("batch")] },
  { of: ["threads"], needs: [either<Key>(given("cores"), given("check"))] },
];

/** What `--help` of the task begins with. */
export const planHelp: TaskHelp<Key> = {
  first: [
    "student",
    "teacher",
    "gpus",
    "nodes",
    "device",
    "bandwidth",
    "batch",
    "rows",
    "epochs",
    "constants",
    "check",
  ],
  examples: [
    "deno task plan --student gpt2 --teacher gpt2-medium --gpus 8,64 --nodes 1,8",
    "deno task plan --student student --teacher teacher --check 1,2",
  ],
};
