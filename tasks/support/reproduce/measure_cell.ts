/**
 * What a run that has ended is recorded with: its curve, and how far its student is from the teacher.
 *
 * @module
 */
import { join } from "node:path";
import { heldOutGap } from "../../../lib/evaluation/held_out_gap.ts";
import type { RunResult } from "../../../lib/figures/run_result.ts";
import { loadModel } from "../../../lib/models/load_model.ts";
import { readRecords } from "../../../lib/runs/recover_lines.ts";
import { type MetricsLine, type RunCost, type RunCurve, runCurve } from "../../../lib/runs/records/run_curve.ts";
import type { RunMetrics } from "../../../lib/runs/records/run_record.ts";
import { loadTokenizer } from "../../../lib/text/tokenizer.ts";
import { limitTo } from "../limit_vocabulary.ts";
import { readTexts, readyCorpus } from "../ready_corpus.ts";
import { readRunConfig } from "../run_config.ts";
import { useTaskEngine } from "../task_engine.ts";
import { parseDistill } from "./settings.ts";

/** What is found in a run's folder. */
export interface MeasuredCell {
  curve: RunCurve;
  cost: RunCost;
  metrics: RunMetrics;
  seconds: number;
  /** The engine, its version, its device and its precision. */
  engine: string;
}

/**
 * Measures a run that has ended.
 *
 * @param folder The run's folder.
 * @param flags The run's flags, as a JSON list.
 */
export async function measureCell(folder: string, flags: string): Promise<MeasuredCell> {
  const { config } = await parseDistill(JSON.parse(flags));
  const result = JSON.parse(await Deno.readTextFile(join(folder, "result.json"))) as RunResult;
  const { lines } = await readRecords(join(folder, "metrics.jsonl"));
  const run = await readRunConfig(folder);
  const { precision } = await useTaskEngine(config.engine, config);
  const tokenizer = await loadTokenizer(run.tokenizer);
  const [teacher, student] = await Promise.all(
    [config.teacher as string, join(folder, "student")].map(async (path) =>
      limitTo(await loadModel(path, { precision }), tokenizer)
    ),
  );
  const contextLength = Math.min(teacher.config.contextLength, student.config.contextLength);
  const texts = await readTexts(config, { counts: { valid: config.validRows }, say: () => {} });
  const { valid } = readyCorpus(texts, { settings: config, tokenizer, contextLength, say: () => {} });
  const gap = await heldOutGap(valid, { teacher, student });
  const digits = (value: number) => Number(value.toPrecision(6));
  return {
    ...runCurve(lines as unknown as MetricsLine[]),
    metrics: {
      validLoss: digits(result.student.validLoss),
      startLoss: digits(result.start.validLoss),
      teacherLoss: digits(result.teacher.validLoss),
      klToTeacher: digits(gap.klTeacherStudent),
      agreement: digits(gap.agreement),
      studentEntropy: digits(gap.studentEntropy),
    },
    seconds: Math.round(result.seconds),
    engine: [result.engine, result.version, result.device, result.precision].filter((part) => part).join(" "),
  };
}
