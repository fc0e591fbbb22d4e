/**
 * Plans a distributed run: memory, time of a step and efficiency on a number of devices, and what to choose of batch,
 * sharding, recomputation and teacher cache.
 *
 *     deno task plan --student gpt2 --teacher gpt2-medium --gpus 8,64,512 --nodes 1,8,64
 *     mpirun -n 2 deno task bench comm >> constants.jsonl && deno task bench step --json >> constants.jsonl
 *     deno task plan --constants constants.jsonl --device cpu-core --gpus 1,2,4
 *     deno task plan --check 1,2,4
 */
import { choosePlan, NoPlanError, type Plan } from "../lib/planning/mod.ts";
import { absent, type Effect, either, given } from "./support/effects.ts";
import type { TaskHelp } from "./support/help.ts";
import { checkPlan } from "./support/plan_check.ts";
import { clustersOf, describedPair, planOptionsOf, planSchema } from "./support/plan_settings.ts";
import { assumptions, planLine, planTable } from "./support/plan_table.ts";
import { runTask } from "./support/run_task.ts";
import { parseTask } from "./support/schema.ts";
import { readConstants } from "./support/plan_constants.ts";

const description = "Plan a run on many devices: memory, time of a step, efficiency, and what to choose.";

type Key = keyof typeof planSchema.shape;

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

const help: TaskHelp<keyof typeof planSchema.shape> = {
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

/** Runs the task. */
export async function main(args: readonly string[]): Promise<void> {
  const { config, origins } = await parseTask({ name: "plan", description, schema: planSchema, args, help, effects });
  if (config.check !== undefined) {
    for await (const text of checkPlan(config)) console.log(text);
    return;
  }
  const constants = await readConstants(config.constants);
  const pair = await describedPair(config);
  const plans: { devices: number; nodes: number; plan: Plan | NoPlanError }[] = [];
  const clusters = clustersOf(config, { constants, given: new Set(Object.keys(origins)) });
  for (const cluster of clusters) {
    const { devices, nodes } = cluster;
    plans.push({ devices, nodes, plan: planOrWhyNot(() => choosePlan(planOptionsOf(config, { pair, cluster }))) });
  }
  if (config.json) {
    for (const [index, { plan }] of plans.entries()) console.log(JSON.stringify(planLine(plan, clusters[index])));
    return;
  }
  console.log(`${assumptions(config, clusters[0])}\n\n${planTable(plans)}`);
}

/** The plan, or the error that says why there is no plan. */
function planOrWhyNot(plan: () => Plan): Plan | NoPlanError {
  try {
    return plan();
  } catch (error) {
    if (error instanceof NoPlanError) return error;
    throw error;
  }
}

if (import.meta.main) await runTask(main);
