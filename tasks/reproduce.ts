/**
 * Carries out a whole pipeline of distillation: data, teacher, students' starts, every method, evaluation, the table.
 *
 *     deno task reproduce smollm2 --list
 *     deno task reproduce smollm2 --machine "two shared cores"
 */
import { join } from "node:path";
import { writeAtomically } from "../lib/files/atomic_write.ts";
import { readRunRecords, type RunRecord } from "../lib/runs/records/run_record.ts";
import { lockFolder } from "./support/claimed_folder.ts";
import { withFirst } from "./support/positional.ts";
import { carryOut } from "./support/reproduce/carry_out.ts";
import { plannedRuns } from "./support/reproduce/cells.ts";
import { type Pipeline, placesOf } from "./support/reproduce/place.ts";
import { prepareRows } from "./support/reproduce/prepare_rows.ts";
import { readRecipe } from "./support/reproduce/recipe.ts";
import { reproduceTask } from "./support/reproduce/setup.ts";
import { fittingReferences } from "./support/reproduce/references.ts";
import { pipelineTables } from "./support/reproduce/table.ts";
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
  const { pipeline: name, size, data, list, table, limit, keepRuns } = config;
  const recipe = await readRecipe(`tasks/configs/${name}.json`, size);
  const pipeline: Pipeline = { recipe, work: join(root, `${name}-${size}`) };
  const kept = size === "recorded" ? join("data", "comparison", name, "runs") : join(pipeline.work, "records");
  const { records = kept, machine = `${navigator.hardwareConcurrency} cores` } = config;
  const known = await fittingRecords(pipeline, await readRunRecords(records));
  console.error(timesTable(phaseTimes(pipeline, known)));
  if (table) {
    console.log(`table: ${await writeTable(pipeline, { known, records })}`);
    return 0;
  }
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
  const status = await carryOut(pipeline, { known, records, machine, limit, keepRuns });
  console.log(`table: ${await writeTable(pipeline, { known, records })}`);
  return status;
}

/** Writes the tables beside the records. @returns The file. */
async function writeTable(
  pipeline: Pipeline,
  { known, records }: { known: ReadonlyMap<string, RunRecord>; records: string },
): Promise<string> {
  const { recipe } = pipeline;
  const planned = new Set(recipe.phases.flatMap((phase) => plannedRuns(recipe, phase))).size;
  const path = join(records, "..", "table.md");
  await Deno.mkdir(join(records, ".."), { recursive: true });
  await writeAtomically(
    path,
    pipelineTables({ recipe, known, planned, references: await fittingReferences(pipeline, records) }),
  );
  return path;
}

if (import.meta.main) await runTask(main);
