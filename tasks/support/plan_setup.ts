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
  nodes: z.string().optional().describe("for each of them the number of nodes; 8 devices per node if absent"),
  device: z.enum(["h100", "a100", "cpu-core"]).default("h100").describe(
    "device whose data sheet provides the defaults below",
  ),
  ...inGroup("Devices and links", {
    flops: z.number().positive().optional().describe("TFLOP/s achieved in a step; peak times utilization if absent"),
    utilization: z.number().positive().max(1).default(0.35).describe("share of the peak achieved in a step"),
    overhead: z.number().min(0).optional().describe(
      "ms per micro-batch for launches and interpreter; 3, or 0 on cpu-core",
    ),
    memory: z.number().positive().optional().describe("GB per device"),
    memoryBandwidth: z.number().positive().optional().describe("GB/s from and to a device's memory"),
    bandwidth: z.number().positive().default(100).describe("Gbit/s per node's network link, in each direction"),
    latency: z.number().min(0).default(10).describe("latency of a message between nodes in µs"),
    insideBandwidth: z.number().positive().optional().describe("Gbit/s between devices of a node, in each direction"),
    insideLatency: z.number().min(0).optional().describe("latency of a message between devices of a node in µs"),
    cores: z.int().min(1).optional().describe("cores per node, if ranks share them; enough if absent"),
    threads: z.int().min(1).default(1).describe("cores per rank"),
    hostMemory: z.number().positive().optional().describe("GB of host memory per node; 1000, or that of all cpu-cores"),
  }),
  ...inGroup("What is chosen", {
    batch: z.int().min(1).optional().describe("rows per step on all devices; chosen if absent"),
    largestBatch: z.int().min(1).default(2048).describe("maximum rows per step to choose"),
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
      "teacher states are cached in a folder shared by all ranks",
    ),
    recomputation: z.boolean().default(true).describe("allow recomputation by block"),
    overlap: z.boolean().default(false).describe(
      "gradients are sent during the backward pass, the best case",
    ),
    bucket: z.number().positive().default(25).describe("MiB of gradients sent together"),
  }),
  constants: z.string().optional().describe("file of lines that `deno task bench comm` and `bench step` printed"),
  json: z.boolean().default(false).describe("one JSON line for each number of devices"),
  ...inGroup("Measuring, with --check", {
    check: z.string().optional().describe(
      "numbers of ranks to measure here under mpirun and compare with the prediction",
    ),
    checkBatch: z.int().min(1).default(16).describe("check: rows per step, distributed over the ranks"),
    checkSteps: z.int().min(1).default(5).describe("check: measured steps"),
    engine: z.enum(["auto", "torch", "wasm"]).default("auto").describe(
      "check: the engine; auto is the fastest available",
    ),
    mpirun: z.string().default("mpirun --oversubscribe").describe("check: the command that starts ranks"),
  }),
});

/** Those settings, parsed. */
export type PlanSettings = z.output<typeof planSchema>;

type Key = keyof PlanSettings;

/** Which settings count only beside others. */
const effects: readonly Effect<Key>[] = [
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

/** How `--help` of the task starts. */
const help: TaskHelp<Key> = {
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

/** The task, as its command line is read. */
export const planTask = {
  name: "plan",
  description: "Plan a run on many devices: memory, time per step, efficiency, and the best settings.",
  schema: planSchema,
  help,
  effects,
};
