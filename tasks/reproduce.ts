/**
 * Carries out a whole pipeline of distillation: data, teacher, students' starts, every method, evaluation, the table.
 *
 *     deno task reproduce smollm2 --list
 *     deno task reproduce smollm2 --machine "two shared cores"
 */
import { join } from "node:path";
import { readRunRecords } from "../lib/runs/records/run_record.ts";
import { lockFolder } from "./support/claimed_folder.ts";
import { withFirst } from "./support/positional.ts";
import { carryOut } from "./support/reproduce/carry_out.ts";
import type { Pipeline } from "./support/reproduce/place.ts";
import { placesOf } from "./support/reproduce/place.ts";
import { prepareRows } from "./support/reproduce/prepare_rows.ts";
import { readRecipe } from "./support/reproduce/recipe.ts";
import { reproduceTask } from "./support/reproduce/setup.ts";
import { fittingRecords, missingCells, phaseTimes, timesTable } from "./support/reproduce/times.ts";
import { runTask } from "./support/run_task.ts";
import { parseTask } from "./support/schema.ts";

/**
 * Runs the task. A run whose record fits its configuration is done, wherever it was made.
 *
 * @param args The flags.
 * @param root Where run folders are made.
 * @returns The exit status: 0 at the end, 130 where it was stopped.
 */
export async function main(args: readonly string[], root = "runs"): Promise<number> {
  const { config } = await parseTask({ ...reproduceTask, args: withFirst(args, "--pipeline") });
  const { pipeline: name, size, data, list, limit, keepRuns } = config;
  const recipe = await readRecipe(`tasks/configs/${name}.json`, size);
  const pipeline: Pipeline = { recipe, work: join(root, `${name}-${size}`) };
  const kept = size === "recorded" ? join("data", "comparison", name, "runs") : join(pipeline.work, "records");
  const { records = kept, machine = `${navigator.hardwareConcurrency} cores` } = config;
  const known = await fittingRecords(pipeline, await readRunRecords(records));
  console.error(timesTable(phaseTimes(pipeline, known)));
  if (list) {
    for (const { name } of missingCells(pipeline, known)) console.log(name);
    return 0;
  }
  await Deno.mkdir(pipeline.work, { recursive: true });
  using _lock = await lockFolder(pipeline.work);
  const { counts, leftOut } = await prepareRows(placesOf(pipeline).data, { data: recipe.size.data, source: data });
  const left = Object.entries(leftOut).map(([name, count]) => `${count} of ${name}`).join(", ");
  console.error(`rows: ${Object.entries(counts).map(([name, count]) => `${name} ${count}`).join(", ")}`);
  console.error(`left out because they share text with a set: ${left}`);
  return await carryOut(pipeline, { known, records, machine, limit, keepRuns });
}

if (import.meta.main) await runTask(main);
