/**
 * Distils with every combination of some settings, and ranks them.
 *
 *     deno task sweep --name orders --vary objective=amid,forward-kl --vary alpha=-1,0,1 --vary seed=1,2 --steps 100
 */
import { runTask } from "./support/run_task.ts";
import { parseTask } from "./support/schema.ts";
import { carryOut } from "./support/sweep/carry_out.ts";
import { gatherVary } from "./support/sweep/grid.ts";
import { planSweep } from "./support/sweep/plan.ts";
import { commonSettings, gridOf, sweepHelp as help, sweepSchema as schema } from "./support/sweep/settings.ts";
import { warnOnce } from "./support/warn_once.ts";

/**
 * Runs the task. An existing sweep is resumed: runs that are done are left as they are, one that was interrupted
 * resumes.
 *
 * @param args The flags.
 * @param root Where the sweep's folder is made.
 * @returns The exit status: 0 at the end, 1 where runs failed, 130 where it was stopped.
 */
export async function main(args: readonly string[], root = "runs"): Promise<number> {
  const description = "Distil with every combination of some settings, and rank them.";
  const { config, origins } = await parseTask({ name: "sweep", description, schema, args: gatherVary(args), help });
  const { name, overwrite, jobs, list } = config;
  const grid = await gridOf(config);
  const common = commonSettings(config, { origins, grid });
  const plan = await planSweep(grid, common, { origins });
  plan.warnings.forEach(warnOnce);
  for (const note of plan.notes) console.error(note);
  if (!list) return await carryOut(plan, { name, root, overwrite, jobs, varied: [...grid.keys()], common });
  for (const cell of plan.cells) console.log(cell.name);
  return 0;
}

if (import.meta.main) await runTask(main);
