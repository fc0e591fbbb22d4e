/**
 * The report of a distillation run, written into its folder.
 *
 * @module
 */
import { aText, checkArguments, objectWith } from "../arguments/check_arguments.ts";
import { join } from "node:path";
import { writeAtomically } from "../files/atomic_write.ts";
import { kindScoresFigure, kindsToCompare } from "../figures/kind_scores.ts";
import { trainingLossFigure, validationLossFigure } from "../figures/loss_curves.ts";
import { readPlotly } from "../figures/plotly_bundle.ts";
import { reportPage } from "../figures/report_page.ts";
import type { RunResult } from "../figures/run_result.ts";
import type { Tokenizer } from "../text/tokenizer_interface.ts";
import { withoutSpecialTokens } from "../text/without_special_tokens.ts";
import type { MetricsLine } from "./json_lines.ts";
import { readRecords } from "./recover_lines.ts";
import type { HeldOutText } from "./scores.ts";

/** Options for {@linkcode writeReport}. */
export interface WriteReportOptions {
  /** The settings, the name among them. */
  config: Readonly<Record<string, unknown>> & { name: string };
  /** The scores of teacher, start and student. */
  result: RunResult;
  /** The objective in words. */
  objective: string;
  /**
   * The teacher's name.
   *
   * @default {the one in `metrics.jsonl`}
   */
  teacher?: string;
  /** Its special tokens are not shown. */
  tokenizer: Pick<Tokenizer, "specification">;
  /** The held-out texts, of which some are shown. */
  test: readonly HeldOutText[];
  /** Each model's answers to the test texts; the teacher's if it has some. */
  answers: Record<"start" | "student", readonly string[]> & { teacher?: readonly string[] };
}

/** How many held-out prompts the page shows. */
const EXAMPLES = 12;

/**
 * Writes `report.html` into a run's folder; the losses are read from its `metrics.jsonl`.
 *
 * @param folder The run's folder.
 * @param options Result, configuration and answers.
 */
export async function writeReport(folder: string, options: WriteReportOptions): Promise<void> {
  checkArguments("write a report", {
    folder: [folder, aText],
    options: [options, objectWith("config", "result", "test", "answers", "tokenizer")],
  });
  const { config, result, objective, test, answers, tokenizer } = options;
  const metrics = (await readRecords(join(folder, "metrics.jsonl")))
    .lines as (MetricsLine & { loss: number; validLoss: number; teacher?: string })[];
  const { teacher = metrics.find(({ type }) => type === "start")?.teacher } = options;
  const training = metrics.filter(({ type }) => type === "step").map(({ step, loss }) => ({ step, loss }));
  const validation = metrics.filter(({ type }) => type === "validation")
    .map(({ step, validLoss }) => ({ step, loss: validLoss }));
  const levels = { teacher: result.teacher.validLoss, start: result.start.validLoss };
  const figures = [
    ...training.length === 0 ? [] : [{
      specification: trainingLossFigure(training),
      caption: "Training loss of each step, and its moving mean.",
    }],
    {
      specification: validationLossFigure([{ step: 0, loss: levels.start }, ...validation], levels),
      caption: "Validation loss of the student, between its start and the teacher.",
    },
    ...kindsToCompare(result).length > 0
      ? [{ specification: kindScoresFigure(result), caption: "ROUGE-L by kind of question.", wide: true }]
      : [],
  ];
  const page = reportPage({
    title: config.name,
    summary: `A student distilled with the objective ${objective}${
      teacher === undefined ? "" : ` from the teacher ${teacher}`
    }.`,
    result,
    figures,
    config,
    examples: exampleIndices(test).map((index) => ({
      prompt: test[index].question ?? withoutSpecialTokens(test[index].prompt, tokenizer),
      kind: test[index].kind || undefined,
      references: test[index].outputs,
      teacher: answers.teacher?.[index],
      start: answers.start[index],
      student: answers.student[index],
    })),
    plotlySource: await readPlotly("cartesian"),
  });
  await writeAtomically(join(folder, "report.html"), page);
}

/** The first texts of each kind, in turn, so that every kind is seen. */
function exampleIndices(test: readonly HeldOutText[]): number[] {
  const kinds = [...Map.groupBy(test.keys(), (index) => test[index].kind).values()];
  const inTurn = test.flatMap((_, turn) => kinds.flatMap((indices) => turn < indices.length ? [indices[turn]] : []));
  return inTurn.slice(0, EXAMPLES);
}
