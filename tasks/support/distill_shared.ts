/**
 * What runs of the task distill share, and what decides whether they may.
 *
 * @module
 */
import type { Row } from "../../lib/batches/row.ts";
import type { ReadyRows } from "../../lib/datasets/ready_rows.ts";
import { engineMark } from "../../lib/engines/place.ts";
import type { TeacherStorage } from "../../lib/figures/run_result.ts";
import type { LanguageModel } from "../../lib/models/language_model.ts";
import { folderFingerprint, type SharedWork } from "../../lib/runs/shared_work.ts";
import type { Teacher } from "../../lib/teachers/teacher.ts";
import type { DistillConfig, ModelPair } from "./distill_setup.ts";
import type { Joined } from "./ranks.ts";
import { rowFields } from "./row_fields.ts";
import type { Recipe } from "./run_recipe.ts";
import { servedFields } from "./served_fields.ts";
import { teacherStorage } from "./stored_teacher.ts";
import { keepingTeacher } from "./teacher_cache_fields.ts";
import { teacherPlace } from "./teacher_place.ts";

/** What decides the teacher. */
export const teacherKey = (config: DistillConfig): string => {
  const { teacher, teacherAdapter, engine, device, precision, teacherPrecision = precision } = config;
  const served = teacherPlace(teacher) === "server"
    ? Object.keys(servedFields).map((key) => config[key as keyof DistillConfig])
    : [];
  return JSON.stringify([teacher, teacherAdapter, engine, device, precision, teacherPrecision, ...served]);
};

/** What decides the texts. */
export const corpusKey = (config: DistillConfig): string => {
  const { data, trainRows, validRows, testRows, seed, kinds } = config;
  const settings = Object.keys(rowFields).map((key) => config[key as keyof DistillConfig]);
  return JSON.stringify([data, trainRows, validRows, testRows, seed, kinds, settings]);
};

const teacherName = ({ teacher, teacherAdapter }: DistillConfig): string =>
  teacherAdapter === undefined ? teacher : `${teacher} with the adapters of ${teacherAdapter}`;

/**
 * The teacher as a run meets it. Runs that share the teacher and the order of the rows share what it keeps in memory, too.
 *
 * @param config The settings.
 * @param context The teacher, the run's folder, and the work that is shared.
 */
export function sharedTeacher(
  config: DistillConfig,
  { teacher, run, shared }: { teacher: ModelPair["teacher"]; run: string; shared: SharedWork },
): Promise<ModelPair["teacher"] | Teacher> {
  const key = teacherKey(config);
  const place = { name: teacherName(config), run, shared: shared.folder, key };
  const { tokenizer, batchSize, microBatchSize, teacherCache, teacherCacheType } = config;
  const order = JSON.stringify([tokenizer, batchSize, microBatchSize, teacherCache, teacherCacheType]);
  return shared.once(
    "teacher's states",
    key + corpusKey(config) + order,
    () => teacherPlace(config.teacher) === "targets" ? teacher : keepingTeacher(teacher, config, place),
  );
}

/** How a teacher in few bits is stored, and what that loses, measured on the first of the runs that share it. */
export function sharedStorage(
  config: DistillConfig,
  { teacher, rows, shared }: { teacher: LanguageModel; rows: readonly Row[]; shared: SharedWork },
): Promise<TeacherStorage | undefined> {
  const { teacher: path, teacherAdapter: adapter } = config;
  return shared.once(
    "teacher's storage",
    teacherKey(config) + corpusKey(config),
    () => teacherStorage(teacher, { path, adapter, rows, say: (text) => console.error(text) }),
  );
}

/** The scores of teacher and start, which runs share that have them in common. */
export function scoresBefore(
  config: DistillConfig & { tokenizer: string },
  { ranks: { engine, first }, corpus, shared }: { ranks: Joined; corpus: ReadyRows; shared: SharedWork },
): Recipe["report"]["before"] {
  return async (who, compute) => {
    const name = who === "teacher" ? "teacher" : "student";
    const adapter = config[`${name}Adapter`];
    const fingerprints = [
      ...adapter === undefined ? [] : [await folderFingerprint(adapter)],
      await folderFingerprint(config[name]),
      await folderFingerprint(config.tokenizer),
      await folderFingerprint(config.data),
    ];
    const key = [`answers, scores and ends on ${engineMark(engine)}`, corpusKey(config), ...fingerprints].join("\n");
    return await shared.saved(key, () => {
      const what = who === "teacher" ? "teacher" : "the student's start";
      if (first) console.error(`scoring ${what} on ${corpus.test.length} held-out questions …`);
      return compute();
    });
  };
}
