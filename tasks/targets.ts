/**
 * Asks a teacher once about all rows that a run learns from and validates on, and packs its answers. The folder then serves
 * as `--teacher` of the task distill, without the teacher.
 *
 *     deno task targets --name answers --teacher http://127.0.0.1:8000/v1 --student runs/student --data prepared/dolly
 */
import { join } from "node:path";
import { packTargets } from "../lib/runs/pack_targets.ts";
import { loadTokenizer } from "../lib/text/tokenizer.ts";
import { stoppable } from "./support/counted_progress.ts";
import { distillTokenizer } from "./support/distill_setup.ts";
import { checkRunName } from "./support/run_folder.ts";
import { runTask } from "./support/run_task.ts";
import { parseTask } from "./support/schema.ts";
import { packedLine, rowsOfRun, sparseTeacher, targetsTask } from "./support/targets_setup.ts";
import { useTaskEngine } from "./support/task_engine.ts";
import { teacherPlace } from "./support/teacher_place.ts";
import { UsageError } from "./support/usage_error.ts";

/**
 * Runs the task. What an interrupted run has written is kept, and the same command goes on; several processes may run it
 * with other `--seed`s or data of one teacher.
 *
 * @param args The flags.
 * @param root Where run folders are made.
 * @returns The exit status: 0 at the end, 130 where it was stopped.
 */
export async function main(args: readonly string[], root = "runs"): Promise<number> {
  const { config, origins } = await parseTask({ ...targetsTask, args });
  checkRunName(config.name);
  if (teacherPlace(config.teacher) === "targets") {
    throw new UsageError(`Cannot pack targets: --teacher ${config.teacher} holds targets already`);
  }
  const folder = join(root, config.name);
  await useTaskEngine(config.engine, config);
  const tokenizer = await loadTokenizer(await distillTokenizer(config));
  const { teacher, own } = await sparseTeacher(config, tokenizer);
  const rows = await rowsOfRun(config, { tokenizer, teacher, own, origins });
  const { bits, batchSize } = config;
  const began = performance.now();
  const packing = { folder, bits, batchSize };
  const packed = await stoppable("targets", (watching) => packTargets(teacher, rows, { ...packing, ...watching }));
  await own?.save(folder);
  const seconds = (performance.now() - began) / 1000;
  console.log(packedLine(packed, { folder, rows: rows.length, seconds }));
  if (packed.rows === rows.length) return 0;
  console.error(`Stopped after ${packed.rows} of ${rows.length} rows. The same command goes on.`);
  return 130;
}

if (import.meta.main) await runTask(main);
