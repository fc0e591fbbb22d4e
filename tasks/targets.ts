/**
 * Asks a teacher once about all rows that a run learns from and validates on, and packs its answers. The folder then serves
 * as `--teacher` of the task distill, without the teacher.
 *
 *     deno task targets --name answers --teacher http://127.0.0.1:8000/v1 --student runs/student --data prepared/dolly
 */
import { join } from "node:path";
import { z } from "zod";
import type { Row } from "../lib/batches/row.ts";
import { keptTokens, trainingBatch } from "../lib/batches/training_batch.ts";
import { LanguageModel } from "../lib/models/language_model.ts";
import { modelConfigOf } from "../lib/models/model_config_of.ts";
import { localTeacher } from "../lib/teachers/local_teacher.ts";
import { sparse } from "../lib/teachers/sparse.ts";
import { type KeptTargets, keptTargets } from "../lib/teachers/targets/kept_targets.ts";
import { loadTokenizer } from "../lib/text/tokenizer.ts";
import { DISTILL_DEFAULTS } from "../lib/training/run/distill_options.ts";
import { distillSchema, distillTokenizer, loadTeacher } from "./support/distill_setup.ts";
import { type Effect, where } from "./support/effects.ts";
import type { TaskHelp } from "./support/help.ts";
import { onInterrupt } from "./support/interrupt.ts";
import { agreeOnVocabulary } from "./support/one_vocabulary.ts";
import { progress } from "./support/progress.ts";
import { readTexts, readyCorpus } from "./support/ready_corpus.ts";
import { checkRunName } from "./support/run_folder.ts";
import { runTask } from "./support/run_task.ts";
import { parseTask } from "./support/schema.ts";
import { seedField } from "./support/field.ts";
import { servedFields } from "./support/served_fields.ts";
import { useTaskEngine } from "./support/task_engine.ts";
import { teacherCacheFields } from "./support/teacher_cache_fields.ts";
import { teacherPlace } from "./support/teacher_place.ts";
import { dataFields, engineFields } from "./support/training_fields.ts";
import { UsageError } from "./support/usage_error.ts";

const { teacher, student, teacherAdapter, teacherPrecision, trainRows } = distillSchema.shape;

const schema = z.strictObject({
  name: z.string().default("targets").describe("the folder is runs/<name>/"),
  teacher,
  student,
  teacherAdapter,
  teacherPrecision,
  ...servedFields,
  bits: teacherCacheFields.teacherCacheBits.describe("bits of a log-probability, from 4 to 16"),
  ...dataFields,
  trainRows,
  batchSize: z.int().min(1).default(32).describe("rows that the teacher is asked about together"),
  seed: seedField(DISTILL_DEFAULTS.seed).describe("decides the rows that are drawn; that of the run"),
  ...engineFields,
});

const served = where<keyof typeof schema.shape>(
  "a --teacher on a server",
  ["teacher"],
  ({ teacher }) => teacherPlace(String(teacher)) === "server",
);
const effects: readonly Effect<keyof typeof schema.shape>[] = [
  {
    of: Object.keys(servedFields).filter((key) => key !== "teacherTopK") as (keyof typeof servedFields)[],
    needs: [served],
  },
];

const help: TaskHelp<keyof typeof schema.shape> = {
  first: ["name", "teacher", "student", "data", "teacherTopK", "bits", "engine"],
  examples: [
    "deno task targets --teacher http://127.0.0.1:8000/v1 --student DIR --data DIR",
    "deno task distill --teacher runs/answers --student DIR --data DIR",
  ],
};

/**
 * Runs the task. What an interrupted run has written is kept, and the same command goes on; several processes may run it
 * with other `--seed`s or data of one teacher.
 *
 * @param args The flags.
 * @param root Where run folders are made.
 * @returns The exit status: 0 at the end, 130 where it was stopped.
 */
export async function main(args: readonly string[], root = "runs"): Promise<number> {
  const description = "Ask a teacher about all rows of a run once, and pack its answers.";
  const { config, origins } = await parseTask({ name: "targets", description, schema, args, help, effects });
  checkRunName(config.name);
  if (teacherPlace(config.teacher) === "targets") {
    throw new UsageError(`Cannot pack targets: --teacher ${config.teacher} holds targets already`);
  }
  const folder = join(root, config.name);
  await useTaskEngine(config.engine, config);
  const tokenizer = await loadTokenizer(await distillTokenizer(config));
  const say = (text: string) => console.error(text);
  const loaded = await loadTeacher(config, { tokenizer, say: (text) => say(`warning: ${text}`) });
  const kept = await keeping(loaded, { config, folder, tokenizer });
  const contextLength = Math.min((await modelConfigOf(config.student)).contextLength, kept.contextLength ?? Infinity);
  const counts = { train: config.trainRows, valid: config.validRows, test: config.testRows };
  const texts = await readTexts(config, { counts, origins, say });
  const corpus = readyCorpus(texts, { settings: config, tokenizer, contextLength, say });
  return await packAll(kept, [...corpus.train, ...corpus.valid], { folder, batchSize: config.batchSize });
}

/** The teacher as it is asked: with its best tokens, which are kept. */
async function keeping(
  loaded: Awaited<ReturnType<typeof loadTeacher>>,
  { config, folder, tokenizer }: {
    config: z.output<typeof schema>;
    folder: string;
    tokenizer: Parameters<typeof agreeOnVocabulary>[0];
  },
): Promise<KeptTargets> {
  const { teacherTopK: topK, bits, teacher } = config;
  if (!(loaded instanceof LanguageModel)) return keptTargets(loaded, { folder, bits });
  await agreeOnVocabulary(tokenizer, { teacher: loaded }, config);
  return keptTargets(sparse(localTeacher(loaded, { name: teacher }), { topK }), { folder, bits });
}

/** Asks about all rows, batch by batch. */
async function packAll(
  teacher: KeptTargets,
  rows: readonly Row[],
  { folder, batchSize }: { folder: string; batchSize: number },
): Promise<number> {
  const began = performance.now();
  const bar = progress({ label: "targets", total: rows.length });
  using interrupt = onInterrupt({ announce: () => bar.log("stopping after this batch; once more to stop at once") });
  const batchAt = (start: number) => {
    const some = rows.slice(start, start + batchSize);
    return { rows: some, recurring: true, ...trainingBatch(some) };
  };
  let done = 0;
  for (; done < rows.length && !interrupt.signal.aborted; done += batchSize) {
    (await teacher.prepare(batchAt(done))).dispose();
    bar.update({ step: Math.min(done + batchSize, rows.length) });
    await new Promise((resolve) => setTimeout(resolve, 0)); // lets signals in
  }
  bar.done();
  const { tokens, bytes, nats } = teacher.written;
  const seconds = (performance.now() - began) / 1000;
  const each = tokens === 0
    ? "all were there already"
    : `${(bytes / tokens).toFixed(1)} bytes and ${(nats / tokens).toExponential(1)} nats of error a token, ` +
      `${seconds.toFixed(1)} s`;
  console.log(`${folder}: ${rows.length} rows, ${keptTokens(rows)} tokens; ${tokens} new ones: ${each}`);
  if (done >= rows.length) return 0;
  console.error(`Stopped after ${done} of ${rows.length} rows. The same command goes on.`);
  return 130;
}

if (import.meta.main) await runTask(main);
