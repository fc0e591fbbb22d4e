/**
 * Lets a teacher write the responses that a student learns: sequence-level distillation. The run's folder then serves as
 * `--data` of other tasks.
 *
 *     deno task pseudo-targets --teacher runs/teacher/model --data prepared/dolly --tokenizer runs/teacher/model
 *
 * Source: Y. Kim and A. Rush, "Sequence-level knowledge distillation", 2016.
 */
import { join } from "node:path";
import { z } from "zod";
import { modelConfigOf } from "../lib/models/model_config_of.ts";
import { lineOf } from "../lib/datasets/prepare/tokenize_rows.ts";
import { type Answer, answerRows, countCutPrompts } from "../lib/evaluation/answer_rows.ts";
import { writeAtomically } from "../lib/files/atomic_write.ts";
import { hashFile } from "../lib/files/file_hash.ts";
import { loadAdaptedModel } from "../lib/models/lora/load_adapted.ts";
import { engineMark } from "../lib/engines/place.ts";
import { loadTokenizer } from "../lib/text/tokenizer.ts";
import { answersInFile } from "../lib/evaluation/answer_file.ts";
import { formatConfig } from "./support/config_file.ts";
import { modelFingerprint, valueFingerprint } from "../lib/evaluation/fingerprint.ts";
import { above, type Effect } from "./support/effects.ts";
import { seedField } from "./support/field.ts";
import type { TaskHelp } from "./support/help.ts";
import { limitTo } from "./support/limit_vocabulary.ts";
import { onInterrupt } from "./support/interrupt.ts";
import { lengthFields, lengthsWithin } from "./support/length_fields.ts";
import { progress } from "./support/progress.ts";
import { checkRunName } from "./support/run_folder.ts";
import { longPromptField, nameFields, promptField } from "./support/row_fields.ts";
import { readTargetRows } from "./support/target_rows.ts";
import { lockFolder } from "./support/claimed_folder.ts";
import { runTask } from "./support/run_task.ts";
import { parseTask } from "./support/schema.ts";
import { useTaskEngine } from "./support/task_engine.ts";
import { tokenizerFolderOf } from "./support/tokenizer_folder.ts";
import { engineFields } from "./support/training_fields.ts";

const schema = z.strictObject({
  name: z.string().default("pseudo-targets").describe("the run's name: its folder is runs/<name>/"),
  teacher: z.string().default("data/teacher").describe("folder or repository of the teacher"),
  tokenizer: z.string().optional().describe(
    "folder or repository of the tokenizer; if absent the one beside the teacher, or data/tokenizer for the built-in one",
  ),
  data: z.string().min(1).describe(
    "folder with train.jsonl, prepared or not; valid.jsonl and test.jsonl are taken over; or a file, which is split",
  ),
  rows: z.int().min(1).optional().describe("rows that are answered, the first ones; all if absent"),
  ...lengthFields,
  ...longPromptField,
  ...promptField,
  ...nameFields,
  temperature: z.number().min(0).default(1).describe("0 takes the most probable token each time"),
  topP: z.number().positive().max(1).default(1).describe("only the most probable tokens up to this probability"),
  topK: z.int().min(0).default(0).describe("number of most probable tokens to draw from; 0 for all"),
  batchSize: z.int().min(1).default(32).describe("prompts that are worked on together"),
  seed: seedField(1).describe("decides the draws"),
  ...engineFields,
});

const effects: readonly Effect<keyof typeof schema.shape>[] = [
  { of: ["topP", "topK"], needs: [above("temperature", 0)], silent: [0] },
  { of: ["seed"], needs: [above("temperature", 0)], warn: true },
];

const help: TaskHelp<keyof typeof schema.shape> = {
  first: ["name", "teacher", "tokenizer", "data", "rows", "engine"],
  examples: [
    "deno task pseudo-targets --teacher DIR --tokenizer DIR --data prepared/dolly",
    "deno task distill --data runs/pseudo-targets --teacher DIR --tokenizer DIR",
  ],
};

/**
 * Runs the task. What an interrupted run has written is kept, and the same command resumes it.
 *
 * @param args The flags.
 * @param root Where run folders are made.
 * @returns The exit status: 0 at the end, 130 where it was stopped.
 */
export async function main(args: readonly string[], root = "runs"): Promise<number> {
  const description = "Let a teacher write the responses that a student learns.";
  const { config } = await parseTask({ name: "pseudo-targets", description, schema, args, help, effects });
  checkRunName(config.name);
  const { teacher, seed, batchSize, longPrompts, temperature, topP, topK } = config;
  const { maxPromptLength, maxLength } = lengthsWithin(config, (await modelConfigOf(teacher)).contextLength);
  const folder = join(root, config.name);
  using _lock = await lockFolder(folder);
  const engine = await useTaskEngine(config.engine, config);
  const tokenizer = await loadTokenizer(await tokenizerFolderOf(config.tokenizer, [teacher]));
  const wanted = await readTargetRows({ settings: config, tokenizer, say: console.error });
  const rows = wanted.rows.slice(0, config.rows);
  const model = await loadAdaptedModel(teacher, { precision: engine.precision });
  limitTo(model, tokenizer, "the teacher");
  await Deno.mkdir(folder, { recursive: true });
  await writeAtomically(join(folder, "config.json"), formatConfig(config));
  const settings = { longPrompts, maxPromptLength, maxLength, temperature, topP, topK, seed };
  const key = valueFingerprint({
    ...settings,
    rows,
    engine: engineMark(engine),
    tokenizer: tokenizer.specification,
    teacher: await modelFingerprint(teacher),
  });

  const bar = progress({ label: "pseudo-targets", total: rows.length });
  using interrupt = onInterrupt({ announce: () => bar.log("stopping after this batch; once more to stop at once") });
  const answers: Answer[] = [];
  let done = 0;
  try {
    await answersInFile(join(folder, "answers.jsonl"), {
      key,
      count: rows.length,
      answer: (done) =>
        untilStopped(answerRows(model, rows, { ...settings, tokenizer, batchSize, done }), interrupt.signal),
      onAnswers: (count) => bar.update({ step: done += count }),
    });
  } catch (error) {
    if (!interrupt.signal.aborted) throw error;
    console.error(`Stopped after ${done} of ${rows.length} responses. The same command goes on.`);
    return 130;
  } finally {
    bar.done();
    model.dispose();
  }

  const text = await Deno.readTextFile(join(folder, "answers.jsonl"));
  answers.push(...text.trim().split("\n").map((line) => JSON.parse(line) as Answer));
  const written = answers.filter(({ answer }) => answer !== "");
  if (written.length === 0) throw new RangeError("Cannot make targets: the teacher wrote nothing to any prompt");
  const lines = written.map(({ row, answer }) => {
    return JSON.stringify({ ...lineOf(rows[row], rows[row].prompt), output: answer }) + "\n";
  });
  await writeAtomically(join(folder, "train.jsonl"), lines.join(""));
  await wanted.copyHeldOut(folder);
  const result = {
    rows: rows.length,
    responses: written.length,
    empty: answers.length - written.length,
    promptsCut: countCutPrompts(rows, { tokenizer, maxPromptLength }),
    unfinished: answers.filter(({ ended }) => !ended).length,
    source: await hashFile(wanted.source),
  };
  await writeAtomically(join(folder, "result.json"), JSON.stringify(result, null, 2) + "\n");
  console.log(JSON.stringify(result, null, 2));
  return 0;
}

async function* untilStopped<T>(batches: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T, void> {
  for await (const batch of batches) {
    yield batch;
    await new Promise((resolve) => setTimeout(resolve, 0)); // signals have their turn
    signal.throwIfAborted();
  }
}

if (import.meta.main) await runTask(main);
