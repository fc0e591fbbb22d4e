/**
 * Distils a teacher into a student; without any flag, the built-in teacher into the built-in student's start.
 *
 *     deno task distill --name mine --objective amid --alpha 0 --lambda 0.1
 */
import { join } from "node:path";
import { corpusRows, loadCorpus } from "../lib/datasets/corpus.ts";
import { useEngine } from "../lib/engines/mod.ts";
import { checkTokenizer } from "../lib/evaluation/evaluate.ts";
import { writeAtomically } from "../lib/files/atomic_write.ts";
import { runGains, type RunResult } from "../lib/figures/run_result.ts";
import { saveModel } from "../lib/models/load_model.ts";
import { loadTokenizer } from "../lib/text/tokenizer.ts";
import { distill } from "../lib/training/distill.ts";
import { formatConfig } from "./support/config_file.ts";
import { writeReport } from "./support/distill_report.ts";
import { followRun, type RunHooks } from "./support/follow_run.ts";
import { type DistillConfig, distillSchema, loadPair, trainerOptionsOf } from "./support/distill_setup.ts";
import { plainTextOf } from "./support/corpus_fields.ts";
import { objectiveOf } from "./support/objective_fields.ts";
import { supplyOptionsOf } from "./support/policy_fields.ts";
import { exists, openRunFolder } from "./support/run_folder.ts";
import { runTask } from "./support/run_task.ts";
import { parseTask } from "./support/schema.ts";
import { constantScores, scoresOf } from "./support/scores.ts";
import { formatTable } from "./support/table.ts";
import { decisiveSettings, kindsOf } from "./support/training_fields.ts";

/**
 * Runs the task.
 *
 * @param args The flags.
 * @param root Where run folders are made.
 * @returns The exit status: 0 at the end, 130 where it was stopped.
 */
export async function main(args: readonly string[], root = "runs"): Promise<number> {
  const description = "Distil a teacher into a student.";
  const { config } = await parseTask({ name: "distill", description, schema: distillSchema, args });
  const began = performance.now();
  const objective = objectiveOf(config);
  const engine = await useEngine(config.engine, { device: config.device });
  const tokenizer = await loadTokenizer(config.tokenizer);
  const { teacher, student } = await loadPair(config);
  for (const model of [teacher, student]) checkTokenizer(tokenizer, model);
  const counts = { train: config.trainRows, valid: config.validRows, test: config.testRows };
  const corpus = await loadCorpus(config.data, { counts, seed: config.seed, kinds: kindsOf(config.kinds) });
  const folder = await openRunFolder(config.name, { ...config, root });
  const plainText = await plainTextOf(config, { student, tokenizer });
  const writeConfig = () =>
    writeAtomically(join(folder, "config.json"), formatConfig({ ...config, overwrite: false, resume: false }));
  if (!config.resume || !await exists(join(folder, "config.json"))) await writeConfig();

  const say = (text: string) => console.error(text);
  say(`engine ${engine.name} on ${engine.device}; teacher ${millions(teacher)}, student ${millions(student)}`);
  say(`scoring teacher and start on ${corpus.test.length} held-out questions …`);
  const before = {
    teacher: await scoresOf(teacher, corpus, tokenizer),
    start: await scoresOf(student, corpus, tokenizer),
  };
  const validRows = corpusRows(corpus.valid, tokenizer);
  const run = (hooks: RunHooks) =>
    distill({
      ...trainerOptionsOf(config, { student, teacher, plainText }),
      ...supplyOptionsOf(config),
      ...hooks,
      ...pick(config),
      rows: corpusRows(corpus.train, tokenizer),
      validRows,
      sampleRows: validRows.slice(0, config.samples),
      corpusRows: plainText?.rows,
      corpusBatchSize: plainText?.batchSize,
      checkpointFolder: join(folder, "checkpoints"),
      failureFolder: join(folder, "failures"),
      averageFolder: config.ema === undefined ? undefined : join(folder, "student-average"),
      settings: decisiveSettings(config),
      replaySettings: { task: "distill", ...config },
    });
  const decode = (ids: number[]) => tokenizer.decode(ids);
  const watching = {
    folder,
    label: "distill",
    task: "distill",
    stopAfter: config.stopAfter,
    begun: writeConfig,
    decode,
  };
  if (!await followRun(run, watching)) return 130;

  await saveModel(student, join(folder, "student"), { format: config.format });
  await tokenizer.save(join(folder, "student"));
  if (config.ema !== undefined) await tokenizer.save(join(folder, "student-average"));
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

const pick = (config: DistillConfig) => {
  const { batchSize, seed, validateEvery, saveEvery, resume, keepLast, keepBest, maxSkippedSteps } = config;
  return { batchSize, seed, validateEvery, saveEvery, resume, keepLast, keepBest, maxSkippedSteps };
};

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
