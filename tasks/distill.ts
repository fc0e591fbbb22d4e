/**
 * Distils a teacher into a student; without any flag, the built-in teacher into the built-in student's start.
 *
 *     deno task distill --name mine --objective amid --alpha 0 --lambda 0.1
 */
import { join } from "node:path";
import type { RunResult } from "../lib/figures/run_result.ts";
import { runSentence, teacherWarnings, unfinishedNotes } from "../lib/figures/run_words.ts";
import { distillHelp, distillSchema } from "./support/distill_setup.ts";
import { runDistill } from "./support/run_distill.ts";
import { runTask } from "./support/run_task.ts";
import { parseTask } from "./support/schema.ts";
import { distillEffects } from "./support/training_effects.ts";
import { formatTable } from "./support/table.ts";

/**
 * Runs the task.
 *
 * @param args The flags.
 * @param root Where run folders are made.
 * @returns The exit status: 0 at the end, 130 where it was stopped.
 */
export async function main(args: readonly string[], root = "runs"): Promise<number> {
  const description = "Distil a teacher into a student; without flags, the built-in teacher on the built-in corpus.";
  const [schema, help, effects] = [distillSchema, distillHelp, distillEffects];
  const { config, origins } = await parseTask({ name: "distill", description, schema, args, help, effects });
  const { status, folder, result } = await runDistill(config, { root, origins });
  if (result) {
    console.log(summary(result));
    console.log(`\nreport: ${join(folder, "report.html")}   student: ${join(folder, "student")}`);
  }
  return status;
}

function summary(result: RunResult): string {
  const { teacher, start, student, constant } = result;
  const line = (
    name: string,
    scores: { validLoss?: number; rougeL?: number; exactMatch?: number },
  ) => [name, scores.validLoss?.toFixed(3), scores.rougeL?.toFixed(1), scores.exactMatch?.toFixed(1)];
  const table = formatTable([
    ["", "valid loss", "ROUGE-L", "exact match"],
    line("teacher", teacher),
    line("start", start),
    line("student", student),
    line("constant answer", constant),
  ]);
  const notes = [...teacherWarnings(result).map((text) => `warning: ${text}`), ...unfinishedNotes(result)];
  return [table, "", runSentence(result), ...notes].join("\n");
}

if (import.meta.main) await runTask(main);
