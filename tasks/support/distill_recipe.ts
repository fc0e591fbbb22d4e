/**
 * Distillation as a recipe of `trainRun()`: settings and loaded models in, models, data, training and report out.
 *
 * @module
 */
import type { ReadyRows } from "../../lib/datasets/ready_rows.ts";
import { engineMark } from "../../lib/engines/place.ts";
import { folderFingerprint, type SharedWork } from "../../lib/runs/shared_work.ts";
import type { TeacherStorage } from "../../lib/figures/run_result.ts";
import type { Tokenizer } from "../../lib/text/tokenizer_interface.ts";
import type { ClaimedFolder } from "./claimed_folder.ts";
import { plainTextOf } from "./text_fields.ts";
import { type DistillConfig, type ModelPair, trainerOptionsOf } from "./distill_setup.ts";
import { supplyOptionsOf } from "./policy_fields.ts";
import type { Joined } from "./ranks.ts";
import { rowFields } from "./row_fields.ts";
import { plainSettings, type Recipe } from "./run_recipe.ts";
import { servedFields } from "./served_fields.ts";
import { keepingTeacher } from "./teacher_cache_fields.ts";
import { endTokenBeside } from "./teacher_end.ts";
import { teacherPlace } from "./teacher_place.ts";

/** What is loaded before a run begins. */
export interface Loaded extends ModelPair {
  ranks: Joined;
  folder: ClaimedFolder;
  tokenizer: Tokenizer;
  corpus: ReadyRows;
}

/** What else the recipe needs. */
export interface DistillRecipeContext extends Loaded {
  /** Work that other runs have done. */
  shared: SharedWork;
  /** When the run began, by `performance.now()`. */
  began: number;
  /** How the teacher is stored, where in few bits. */
  teacherStorage?: TeacherStorage;
}

/** What decides the teacher. */
export const teacherKey = (config: DistillConfig): string => {
  const { teacher, teacherAdapter, engine, device, precision, teacherPrecision = precision } = config;
  const served = teacherPlace(teacher) === "server"
    ? Object.keys(servedFields).map((key) => config[key as keyof DistillConfig])
    : [];
  return JSON.stringify([teacher, teacherAdapter, engine, device, precision, teacherPrecision, ...served]);
};

const teacherName = ({ teacher, teacherAdapter }: DistillConfig): string =>
  teacherAdapter === undefined ? teacher : `${teacher} with the adapters of ${teacherAdapter}`;

/** What decides the texts. */
export const corpusKey = (config: DistillConfig): string => {
  const { data, trainRows, validRows, testRows, seed, kinds } = config;
  const settings = Object.keys(rowFields).map((key) => config[key as keyof DistillConfig]);
  return JSON.stringify([data, trainRows, validRows, testRows, seed, kinds, settings]);
};

/** Makes the recipe. */
export async function distillRecipe(
  config: DistillConfig & { tokenizer: string },
  context: DistillRecipeContext,
): Promise<Recipe> {
  const { folder, tokenizer, teacher, student, corpus, shared, began } = context;
  const plainText = await plainTextOf(config, { student, tokenizer });
  const place = { name: teacherName(config), run: folder.path, shared: shared.folder, key: teacherKey(config) };
  // Runs that share the teacher and the order of the rows share what it has of them in memory, too.
  const { tokenizer: tokens, batchSize, microBatchSize, teacherCache, teacherCacheType } = config;
  const order = JSON.stringify([tokens, batchSize, microBatchSize, teacherCache, teacherCacheType]);
  const taught = await shared.once(
    "teacher's states",
    teacherKey(config) + corpusKey(config) + order,
    () => teacherPlace(config.teacher) === "targets" ? teacher : keepingTeacher(teacher, config, place),
  );
  const { student: _student, teacher: _teacher, ...options } = trainerOptionsOf(config, {
    student,
    teacher: taught,
    plainText,
  });
  return {
    task: "distill",
    models: { student, teacher: taught, tokenizer },
    data: {
      rows: corpus.train,
      validRows: corpus.valid,
      sampleRows: corpus.valid.slice(0, config.samples),
      textRows: plainText?.rows,
      textBatchSize: plainText?.batchSize,
    },
    training: {
      ...options,
      ...supplyOptionsOf(config),
      ...plainSettings(config),
      teacherTokenizer: teacherPlace(config.teacher) === "model"
        ? await endTokenBeside(config.teacher, tokenizer)
        : undefined,
    },
    report: {
      test: corpus.test,
      asking: corpus.asking,
      config,
      began,
      before: scoresBefore(config, context),
      teacherStorage: context.teacherStorage,
    },
  };
}

/** The scores of teacher and start, which runs share that have them in common. */
function scoresBefore(
  config: DistillConfig & { tokenizer: string },
  { ranks: { engine, first }, corpus, shared }: DistillRecipeContext,
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
