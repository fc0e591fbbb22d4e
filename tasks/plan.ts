/**
 * Plans a distributed run: memory, time of a step and efficiency on a number of devices, and what to choose of batch,
 * sharding, recomputation and teacher cache.
 *
 *     deno task plan --student gpt2 --teacher gpt2-medium --gpus 8,64,512 --nodes 1,8,64
 *     mpirun -n 2 deno task bench comm >> constants.jsonl && deno task bench step --json >> constants.jsonl
 *     deno task plan --constants constants.jsonl --device cpu-core --gpus 1,2,4
 *     deno task plan --check 1,2,4
 */
import { choosePlan, type ChoosePlanOptions, NoPlanError, type Plan } from "../lib/planning/mod.ts";
import { checkPlan } from "./support/plan_check.ts";
import { clustersOf, describedPair, planOptionsOf } from "./support/plan_settings.ts";
import { planTask } from "./support/plan_setup.ts";
import { assumptions, planLine, planTable } from "./support/plan_table.ts";
import { runTask } from "./support/run_task.ts";
import { parseTask } from "./support/schema.ts";
import { readConstants } from "./support/plan_constants.ts";

/** Runs the task. */
export async function main(args: readonly string[]): Promise<void> {
  const { config, origins } = await parseTask({ ...planTask, args });
  if (config.check !== undefined) {
    for await (const text of checkPlan(config)) console.log(text);
    return;
  }
  const constants = await readConstants(config.constants);
  const pair = await describedPair(config);
  const clusters = clustersOf(config, { constants, given: new Set(Object.keys(origins)) });
  const plans = clusters.map((cluster) => planOrReason(planOptionsOf(config, { pair, cluster })));
  if (config.json) {
    for (const [index, plan] of plans.entries()) console.log(JSON.stringify(planLine(plan, clusters[index])));
    return;
  }
  console.log(`${assumptions(config, clusters[0])}\n\n${planTable(plans, clusters)}`);
}

/** The plan, or the error that says why there is no plan. */
function planOrReason(options: ChoosePlanOptions): Plan | NoPlanError {
  try {
    return choosePlan(options);
  } catch (error) {
    if (error instanceof NoPlanError) return error;
    throw error;
  }
}

if (import.meta.main) await runTask(main);
