/**
 * Distils a teacher into a student; without any flag, the built-in teacher into the built-in student's start.
 *
 *     deno task distill --name mine --objective amid --alpha 0 --lambda 0.1
 */
import { join } from "node:path";
import { z } from "zod";
import { corpusRows, loadCorpus } from "../lib/datasets/corpus.ts";
import { useEngine } from "../lib/engines/mod.ts";
import { checkTokenizer } from "../lib/evaluation/evaluate.ts";
import { writeAtomically } from "../lib/files/atomic_write.ts";
import { runGains, type RunResult } from "../lib/figures/run_result.ts";
import { loadModel, saveModel } from "../lib/models/load_model.ts";
import { loadTokenizer } from "../lib/text/tokenizer.ts";
import { distill } from "../lib/training/distill.ts";
import { checkVocabularies } from "../lib/training/trainer.ts";
import { formatConfig } from "./support/config_file.ts";
import { writeReport } from "./support/distill_report.ts";
import { followRun } from "./support/follow_run.ts";
import { objectiveFields, objectiveOf } from "./support/objective_fields.ts";
import { openRunFolder } from "./support/run_folder.ts";
import { runTask } from "./support/run_task.ts";
import { parseTask } from "./support/schema.ts";
import { constantScores, scoresOf } from "./support/scores.ts";
import { formatTable } from "./support/table.ts";
import {
  dataFields,
  engineFields,
  kindsOf,
  optimizerFields,
  runFields,
  trainerOptionsOf,
} from "./support/training_fields.ts";

const schema = z.strictObject({
  ...runFields("quickstart"),
  teacher: z.string().default("data/teacher").describe("folder of the teacher"),
  student: z.string().default("data/student-start").describe("folder of the student's start"),
  ...objectiveFields,
  ...dataFields,
  trainRows: z.int().min(1).default(4800).describe("rows of the train split that are drawn"),
  ...optimizerFields({ learningRate: 1e-3, steps: 300, batchSize: 16, warmupSteps: 10 }),
  teacherCache: z.boolean().default(true).describe("keep the teacher's states of a row for the next time it comes"),
  ...engineFields,
  format: z.enum(["F32", "F16", "BF16"]).default("F32").describe("how the student's weights are stored"),
});

type Config = z.output<typeof schema>;

/**
 * Runs the task.
 *
 * @param args The flags.
 * @param root Where run folders are made.
 * @returns The exit status: 0 at the end, 130 where it was stopped.
 */
export async function main(args: readonly string[], root = "runs"): Promise<number> {
  const description = "Distil a teacher into a student.";
  const { config } = await parseTask({ name: "distill", description, schema, args });
  const began = performance.now();
  const objective = objectiveOf(config);
  const engine = await useEngine(config.engine, { device: config.device });
  const tokenizer = await loadTokenizer(config.tokenizer);
  const teacher = await loadModel(config.teacher);
  const student = await loadModel(config.student);
  checkVocabularies(student, teacher);
  for (const model of [teacher, student]) checkTokenizer(tokenizer, model);
  const counts = { train: config.trainRows, valid: config.validRows, test: config.testRows };
  const corpus = await loadCorpus(config.data, { counts, seed: config.seed, kinds: kindsOf(config.kinds) });
  const folder = await openRunFolder(config.name, { ...config, root });
  await writeAtomically(join(folder, "config.json"), formatConfig({ ...config, overwrite: false, resume: false }));

  const say = (text: string) => console.error(text);
  say(`engine ${engine.name} on ${engine.device}; teacher ${millions(teacher)}, student ${millions(student)}`);
  say(`scoring teacher and start on ${corpus.test.length} held-out questions …`);
  const before = {
    teacher: await scoresOf(teacher, corpus, tokenizer),
    start: await scoresOf(student, corpus, tokenizer),
  };
  const run = (signal: AbortSignal) =>
    distill({
      ...{ student, teacher, objective, signal, totalSteps: config.steps },
      ...{ ...pick(config), ...trainerOptionsOf(config) },
      rows: corpusRows(corpus.train, tokenizer),
      validRows: corpusRows(corpus.valid, tokenizer),
      checkpointFolder: join(folder, "checkpoints"),
    });
  if (!await followRun(run, { folder, label: "distill", task: "distill", stopAfter: config.stopAfter })) return 130;

  await saveModel(student, join(folder, "student"), { format: config.format });
  await tokenizer.save(join(folder, "student"));
  const after = await scoresOf(student, corpus, tokenizer);
  const result: RunResult = {
    engine: engine.name,
    seconds: (performance.now() - began) / 1000,
    teacher: before.teacher.scores,
    start: before.start.scores,
    student: after.scores,
    constant: constantScores(corpus.test),
  };
  await writeAtomically(join(folder, "result.json"), JSON.stringify(result, null, 2) + "\n");
  const answers = { teacher: before.teacher.answers, start: before.start.answers, student: after.answers };
  await writeReport(folder, { config, result, test: corpus.test, answers, objective: objective.name });
  console.log(summary(result));
  console.log(`\nreport: ${join(folder, "report.html")}   student: ${join(folder, "student")}`);
  return 0;
}

const pick = (
  { distillWeight, batchSize, microBatchSize, seed, validateEvery, saveEvery, resume, teacherCache }: Config,
) => (
  { distillWeight, batchSize, microBatchSize, seed, validateEvery, saveEvery, resume, teacherCache }
);

const millions = ({ parameterCount }: { parameterCount: number }): string => `${(parameterCount / 1e6).toFixed(2)} M`;

function summary(result: RunResult): string {
  const { teacher, start, student, constant } = result;
  const line = (
    name: string,
    scores: { validLoss?: number; rougeL: number; exactMatch: number },
  ) => [name, scores.validLoss?.toFixed(3), scores.rougeL.toFixed(1), scores.exactMatch.toFixed(1)];
  const table = formatTable([
    ["", "valid loss", "ROUGE-L", "exact match"],
    line("teacher", teacher),
    line("start", start),
    line("student", student),
    line("constant answer", constant),
  ]);
  const { gapClosed, rougeLGained, aboveConstant } = runGains(result);
  const closed = gapClosed === undefined ? "" : `closed ${(100 * gapClosed).toFixed(0)} % of the gap, `;
  return `${table}\n\nThe student ${closed}gained ${rougeLGained.toFixed(1)} points of ROUGE-L and stands ` +
    `${aboveConstant.toFixed(1)} above constant answers, in ${result.seconds.toFixed(0)} s.`;
}

if (import.meta.main) await runTask(main);
