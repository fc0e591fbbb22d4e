/**
 * Lets a teacher write the responses that a student learns: sequence-level distillation. The run's folder then serves as
 * `--data` of other tasks.
 *
 *     deno task pseudo-targets --teacher runs/teacher/model --data prepared/dolly --tokenizer runs/teacher/model
 */
import { join } from "node:path";
import { modelConfigOf } from "../lib/models/model_config_of.ts";
import { writeAtomically } from "../lib/files/atomic_write.ts";
import { hashFile } from "../lib/files/file_hash.ts";
import { loadModel } from "../lib/models/load_model.ts";
import { type PseudoTargets, pseudoTargets } from "../lib/runs/pseudo_targets.ts";
import { loadTokenizer } from "../lib/text/tokenizer.ts";
import { formatConfig } from "./support/config_file.ts";
import { limitTo } from "./support/limit_vocabulary.ts";
import { onInterrupt } from "./support/interrupt.ts";
import { lengthsWithin } from "./support/length_fields.ts";
import { progress } from "./support/progress.ts";
import {
  targetsEffects as effects,
  targetsHelp as help,
  targetsSchema as schema,
} from "./support/pseudo_targets_setup.ts";
import { checkRunName } from "./support/run_folder.ts";
import { readTargetRows } from "./support/target_rows.ts";
import { lockFolder } from "./support/claimed_folder.ts";
import { runTask } from "./support/run_task.ts";
import { parseTask } from "./support/schema.ts";
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
  const description = "Have a teacher write the responses to train a student on.";
  const { config } = await parseTask({ name: "pseudo-targets", description, schema, args, help, effects });
  checkRunName(config.name);
  const { teacher, seed, batchSize, longPrompts, temperature, topP, topK } = config;
  const { maxPromptLength, maxLength } = lengthsWithin(config, (await modelConfigOf(teacher)).contextLength);
  const folder = join(root, config.name);
  using _lock = await lockFolder(folder);
  const { precision } = await useTaskEngine(config.engine, config);
  const tokenizer = await loadTokenizer(await tokenizerFolderOf(config.tokenizer, [teacher]));
  const wanted = await readTargetRows({ settings: config, tokenizer, say: console.error });
  const rows = wanted.rows.slice(0, config.rows);
  const model = await loadModel(teacher, { precision });
  limitTo(model, tokenizer, "the teacher");
  await Deno.mkdir(folder, { recursive: true });
  await writeAtomically(join(folder, "config.json"), formatConfig(config));
  const drawing = { longPrompts, maxPromptLength, maxLength, temperature, topP, topK, seed, batchSize };
  const bar = progress({ label: "pseudo-targets", total: rows.length });
  using interrupt = onInterrupt({
    announce: () => bar.log("stopping after this batch; press again to stop immediately"),
  });
  let done = 0;
  const onAnswers = (count: number) => bar.update({ step: done += count });
  const watching = { signal: interrupt.signal, onAnswers };
  let written: PseudoTargets | undefined;
  try {
    written = await pseudoTargets(model, rows, { folder, teacher, tokenizer, ...drawing, ...watching });
  } finally {
    bar.done();
    model.dispose();
  }
  if (!written) {
    console.error(`Stopped after ${done} of ${rows.length} responses. The same command continues.`);
    return 130;
  }
  await wanted.copyHeldOut(folder);
  const result = JSON.stringify({ ...written, source: await hashFile(wanted.source) }, null, 2);
  await writeAtomically(join(folder, "result.json"), result + "\n");
  console.log(result);
  return 0;
}

if (import.meta.main) await runTask(main);
