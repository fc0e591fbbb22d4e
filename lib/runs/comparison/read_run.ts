/**
 * Runs read back for the record of a comparison.
 *
 * @module
 */
import { join } from "node:path";
import type { RecordedRun, RecordedScores } from "../../figures/comparison/comparison.ts";
import type { RunResult } from "../../figures/run_result.ts";
import { readRecords } from "../recover_lines.ts";

/** Steps over which the record keeps one mean of the training loss. */
const WINDOW = 25;

const digits = (value: number): number => Number(value.toPrecision(6));

const scoresOf = ({ validLoss, rougeL, exactMatch }: RecordedScores): RecordedScores => ({
  validLoss: digits(validLoss),
  rougeL: digits(rougeL),
  exactMatch: digits(exactMatch),
});

/** Reads what a finished run left in its folder. */
export async function readRun(folder: string, name: { setting: string; seed: number }): Promise<RecordedRun> {
  const { teacher, start, student, constant } = JSON.parse(
    await Deno.readTextFile(join(folder, "result.json")),
  ) as RunResult;
  const lines = (await readRecords(join(folder, "metrics.jsonl")))
    .lines as unknown as { type: string; step: number; loss: number; validLoss: number }[];
  const steps = lines.filter(({ type }) => type === "step");
  const windows = Array.from(
    { length: Math.ceil(steps.length / WINDOW) },
    (_, i) => steps.slice(i * WINDOW, (i + 1) * WINDOW),
  );
  const { rougeL, exactMatch } = teacher;
  if (rougeL === undefined || exactMatch === undefined) {
    throw new RangeError(`Cannot compare the run in ${folder}: its teacher must have answers, it has only a loss`);
  }
  return {
    ...name,
    teacher: scoresOf({ ...teacher, rougeL, exactMatch }),
    start: scoresOf(start),
    student: scoresOf(student),
    constantRougeL: digits(constant.rougeL),
    validation: [
      { step: 0, loss: digits(start.validLoss) },
      ...lines.filter(({ type }) => type === "validation").map(({ step, validLoss }) => ({
        step,
        loss: digits(validLoss),
      })),
    ],
    training: windows.map((window) => ({
      step: window[window.length - 1].step,
      loss: digits(window.reduce((sum, { loss }) => sum + loss, 0) / window.length),
    })),
  };
}
