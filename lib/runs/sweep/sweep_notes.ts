/**
 * What a sweep's scores are compared with: teacher, start and constant answers, and problems with some of them.
 *
 * @module
 */
import type { RunResult } from "../../figures/run_result.ts";
import { teacherWarnings, unfinishedNotes } from "../../figures/run_words.ts";

/**
 * Notes for below a table of settings: what the teacher, the start and constant answers score on average, which runs are no
 * better than constant answers or worse than their start, which teachers have little to teach, and which answers have no
 * end. What holds for all runs is reported once.
 *
 * @param runs The runs that are done, by name.
 * @returns A sentence each.
 */
export function sweepNotes(runs: readonly { name: string; result: RunResult }[]): string[] {
  const mean = (of: "teacher" | "start" | "constant") => {
    const scores = runs.flatMap(({ result }) => result[of].rougeL ?? []);
    return (scores.reduce((sum, score) => sum + score, 0) / scores.length).toFixed(1);
  };
  const answered = runs.some(({ result }) => result.teacher.rougeL !== undefined);
  const levels = `ROUGE-L ${answered ? `of the teacher ${mean("teacher")}, ` : ""}of the start ${
    mean("start")
  }, of constant answers ${mean("constant")}`;
  const said = Map.groupBy(
    runs.flatMap(({ name, result }) => sentencesOf(result).map((sentence) => ({ name, sentence }))),
    ({ sentence }) => sentence,
  );
  const sentences = [...said].map(([sentence, those]) =>
    `${those.length === runs.length ? "all runs" : those.map(({ name }) => name).join(", ")}: ${sentence}`
  );
  return [levels, ...sentences];
}

function sentencesOf(result: RunResult): string[] {
  const { start, student, constant } = result;
  return [
    ...(student.rougeL > constant.rougeL ? [] : ["ROUGE-L is no higher than that of constant answers"]),
    ...(student.rougeL < start.rougeL ? ["ROUGE-L is lower than the start's"] : []),
    ...(student.validLoss < start.validLoss ? [] : ["the validation loss is no lower than the start's"]),
    ...teacherWarnings(result),
    ...unfinishedNotes(result).filter((note) => note.includes("the student's")),
  ];
}
