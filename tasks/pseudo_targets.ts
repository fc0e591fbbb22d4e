/**
 * Lets a teacher write the responses that a student learns: sequence-level distillation. The run's folder then serves as
 * `--data` of other tasks.
 *
 *     deno task pseudo-targets --teacher runs/teacher/model --data prepared/dolly --tokenizer runs/teacher/model
 */
import { join } from "node:path";
import { writeAtomically } from "../lib/files/atomic_write.ts";
import { loadModel } from "../lib/models/load_model.ts";
import { pseudoTargets } from "../lib/runs/pseudo_targets.ts";
import { loadTokenizer } from "../lib/text/tokenizer.ts";
import { lockFolder } from "./support/claimed_folder.ts";
import { formatConfig } from "./support/config_file.ts";
import { stoppable } from "./support/counted_progress.ts";
import { limitTo } from "./support/limit_vocabulary.ts";
import { drawingOf, pseudoTargetsTask } from "./support/pseudo_targets_setup.ts";
import { checkRunName } from "./support/run_folder.ts";
import { runTask } from "./support/run_task.ts";
import { parseTask } from "./support/schema.ts";
import { readTargetRows } from "./support/target_rows.ts";
import { useTaskEngine } from "./support/task_engine.ts";
import { tokenizerFolderOf } from "./support/tokenizer_folder.ts";

/**
 * Runs the task. What an interrupted run has written is kept, and the same command resumes it.
 *
 * @param args The flags.
 * @param root Where run folders are made.
 * @returns The exit status: 0 at the end, 130 where it was stopped.
 */
export async function main(args: readonly string[], root = "runs"): Promise<number> {
  const { config } = await parseTask({ ...pseudoTargetsTask, args });
  checkRunName(config.name);
  const { teacher } = config;
  const drawing = await drawingOf(config);
  const folder = join(root, config.name);
  using _lock = await lockFolder(folder);
  const { precision } = await useTaskEngine(config.engine, config);
  const tokenizer = await loadTokenizer(await tokenizerFolderOf(config.tokenizer, [teacher]));
  const { rows, finish } = await readTargetRows({ settings: config, tokenizer, say: console.error });
  const model = limitTo(await loadModel(teacher, { precision }), tokenizer, "the teacher");
  await Deno.mkdir(folder, { recursive: true });
  await writeAtomically(join(folder, "config.json"), formatConfig(config));
  let done = 0;
  const written = await stoppable("pseudo-targets", ({ signal, onProgress }) => {
    const onAnswers = (count: number) => onProgress(done += count, rows.length);
    return pseudoTargets(model, rows, { folder, teacher, tokenizer, ...drawing, signal, onAnswers });
  }).finally(() => model.dispose());
  if (written) {
    console.log(await finish(folder, written));
    return 0;
  }
  console.error(`Stopped after ${done} of ${rows.length} responses. The same command continues.`);
  return 130;
}

if (import.meta.main) await runTask(main);
