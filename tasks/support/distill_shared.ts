/**
 * What runs of the task distill share, and what decides whether they may.
 *
 * @module
 */
import type { Row } from "../../lib/batches/row.ts";
import type { ReadyRows } from "../../lib/datasets/ready_rows.ts";
import { engineMark } from "../../lib/engines/place.ts";
import type { TeacherStorage } from "../../lib/figures/run_result.ts";
import { LanguageModel } from "../../lib/models/language_model.ts";
import { folderFingerprint, type SharedWork } from "../../lib/runs/shared_work.ts";
import { teacherStorage } from "../../lib/runs/teacher_storage.ts";
import { teacherOf } from "../../lib/teachers/local_teacher.ts";
import type { Teacher } from "../../lib/teachers/teacher.ts";
import type { Tokenizer } from "../../lib/text/tokenizer_interface.ts";
import type { DistillConfig } from "./distill_setup.ts";
import { alignedWith, type LoadedTeacher } from "./load_teacher.ts";
import type { Joined } from "./ranks.ts";
import { rowFields } from "./row_fields.ts";
import type { Recipe } from "./run_recipe.ts";
import { servedFields } from "./served_fields.ts";
import { keepingTeacher } from "./teacher_cache_fields.ts";
import { joinTeachers, teacherIsAt } from "./teacher_parts.ts";
import { teacherPlace } from "./teacher_place.ts";

/** What decides the teacher. */
export const teacherKey = (config: DistillConfig): string => {
  const { teacher, teacherField, teacherAdapter, engine, device, precision, teacherPrecision = precision } = config;
  const served = teacherIsAt(config, "server")
    ? Object.keys(servedFields).map((key) => config[key as keyof DistillConfig])
    : [];
  const field = teacherField === undefined ? [] : [teacherField];
  return JSON.stringify([teacher, teacherAdapter, engine, device, precision, teacherPrecision, ...served, ...field]);
};

/** What decides the texts. */
export const corpusKey = (config: DistillConfig): string => {
  const { data, trainRows, validRows, testRows, seed, kinds, teacherField, teacherPromptField } = config;
  const settings = Object.keys(rowFields).map((key) => config[key as keyof DistillConfig]);
  return JSON.stringify([
    data,
    trainRows,
    validRows,
    testRows,
    seed,
    kinds,
    settings,
    teacherField,
    teacherPromptField,
  ]);
};

const nameOf = (place: string, { teacherAdapter }: DistillConfig): string =>
  teacherAdapter === undefined ? place : `${place} with the adapters of ${teacherAdapter}`;

/**
 * The teacher as a run meets it. Runs that share the teacher and the order of the rows share what it keeps in memory, too.
 *
 * @param config The settings.
 * @param context The teachers, the run's folder, and the work that is shared.
 */
export function sharedTeacher(
  config: DistillConfig,
  { teachers, rowTokenizer, run, shared }: {
    teachers: readonly LoadedTeacher[];
    rowTokenizer: Tokenizer;
    run: string;
    shared: SharedWork;
  },
): Promise<Teacher> {
  const several = teachers.length > 1;
  const keeping = (loaded: LoadedTeacher): Teacher => {
    const { teacher, place } = loaded;
    const alike = (asked: Teacher) => alignedWith(asked, loaded, { ...config, tokenizer: rowTokenizer });
    if (teacherPlace(place) === "targets") return alike(teacherOf(teacher));
    const key = teacherKey({ ...config, teacher: place, teacherField: undefined });
    const context = { name: nameOf(place, config), run, shared: shared.folder, key, several };
    return alike(keepingTeacher(teacher, config, context));
  };
  const together = [config.teacherWeights, config.teacherAlpha, config.crossTokenizer, config.teacherTopK];
  const { tokenizer, batchSize, microBatchSize, teacherCache, teacherCacheType } = config;
  const order = JSON.stringify([tokenizer, batchSize, microBatchSize, teacherCache, teacherCacheType]);
  return shared.once(
    "teacher's states",
    teacherKey(config) + corpusKey(config) + order + together,
    () => joinTeachers(teachers.map(keeping), config),
  );
}

/** How teachers in few bits are stored, and what that loses, measured on the first of the runs that share them. */
export function sharedStorage(
  config: DistillConfig,
  { teachers, rows, shared }: { teachers: readonly LoadedTeacher[]; rows: readonly Row[]; shared: SharedWork },
): Promise<readonly TeacherStorage[]> {
  const { teacherAdapter: adapter } = config;
  return shared.once("teacher's storage", teacherKey(config) + corpusKey(config), async () => {
    const found: TeacherStorage[] = [];
    for (const { teacher, place: path } of teachers) {
      if (!(teacher instanceof LanguageModel)) continue;
      const stored = await teacherStorage(teacher, { path, adapter, rows });
      if (!stored) continue;
      console.error(storageLine(stored));
      found.push(teachers.length > 1 ? { ...stored, teacher: path } : stored);
    }
    return found;
  });
}

/** How a teacher is stored, in a line. */
export function storageLine({ precision, share, roundingError, divergence, positions }: TeacherStorage): string {
  const how = precision === "stored" ? "as stored" : `in ${precision}`;
  const said = `teacher ${how}, ${share.toFixed(3)} of float32's memory`;
  if (precision === "stored") return `${said}, its numbers those of the file`;
  if (divergence === undefined || roundingError === undefined) {
    return `${said}; what that loses was not measured: the full teacher beside it would take too much of the memory`;
  }
  return `${said}; divergence of the full one's next tokens from its ${divergence.toPrecision(3)} nats per token ` +
    `(${positions} tokens of the run), error of the weights ${(100 * roundingError).toPrecision(2)} %`;
}

/** The scores of teacher and start, which runs share that have them in common. */
export function scoresBefore(
  config: DistillConfig & { tokenizer: string },
  { teachers, ranks: { engine, first }, corpus, shared }: {
    teachers: readonly LoadedTeacher[];
    ranks: Joined;
    corpus: ReadyRows;
    shared: SharedWork;
  },
): Recipe["report"]["before"] {
  return async (who, compute) => {
    const name = who === "teacher" ? "teacher" : "student";
    const adapter = config[`${name}Adapter`];
    const fingerprints = [
      ...adapter === undefined ? [] : [await folderFingerprint(adapter)],
      await folderFingerprint(name === "teacher" ? teachers[0].place : config.student),
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
