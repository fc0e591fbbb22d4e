/**
 * What the task distill is set up from: its settings and the two models.
 *
 * @module
 */
import { z } from "zod";
import { currentAbilities } from "../../lib/engines/current_engine.ts";
import { loadModel } from "../../lib/models/load_model.ts";
import type { LanguageModel } from "../../lib/models/language_model.ts";
import { targetsFrom } from "../../lib/teachers/targets/kept_targets.ts";
import { loadTokenizer } from "../../lib/text/tokenizer.ts";
import type { Tokenizer } from "../../lib/text/tokenizer_interface.ts";
import { textFields } from "./text_fields.ts";
import { adapt, loraFields } from "./lora_fields.ts";
import { objectiveFields } from "./objective_fields.ts";
import type { TaskHelp } from "./help.ts";
import { agreeOnVocabulary } from "./one_vocabulary.ts";
import { policyFields } from "./policy_fields.ts";
import { inGroup } from "./field.ts";
import { ranksFields, shardFields } from "./ranks.ts";
import { scheduleFields } from "./schedule_fields.ts";
import { connectTeacher, type ServedContext, servedFields, type ServedSettings } from "./served_fields.ts";
import { type SparseTeacher, teacherCacheFields } from "./teacher_cache_fields.ts";
import { teacherPlace } from "./teacher_place.ts";
import { tokenizerFolderOf } from "./tokenizer_folder.ts";
import { UsageError } from "./usage_error.ts";
import { measureFields } from "./watch_fields.ts";
import { dataFields, engineFields, optimizerFields, runFields } from "./training_fields.ts";

/** The settings of the task distill. */
export const distillSchema = z.strictObject({
  ...runFields("quickstart"),
  ...inGroup("Models", {
    teacher: z.string().default("data/teacher").describe(
      "folder of the teacher, the address of a server that has it, http://host:port/v1#model, or a folder of its targets",
    ),
    student: z.string().default("data/student-start").describe("folder of the student's start"),
    teacherAdapter: z.string().optional().describe("folder of low-rank adapters for the teacher"),
    studentAdapter: z.string().optional().describe(
      "folder of low-rank adapters for the student, which are then trained",
    ),
  }),
  ...loraFields,
  ...objectiveFields,
  ...scheduleFields,
  ...dataFields,
  ...policyFields,
  ...textFields,
  ...inGroup("Data", { trainRows: z.int().min(1).default(2400).describe("number of rows drawn from the train split") }),
  ...optimizerFields({ learningRate: 1.4e-3, steps: 450, batchSize: 16, warmupSteps: 10 }),
  ...teacherCacheFields,
  ...servedFields,
  ...measureFields,
  ...engineFields,
  ...inGroup("Engine and devices", {
    teacherPrecision: z.enum(["float32", "bfloat16", "int8", "int4", "stored"]).optional().describe(
      "how the engine stores the teacher: in floats; its matrices in 8 or 4 bits with a scale for each group of " +
        "neighbours; or those of a GGUF file as stored there; that of --precision if absent",
    ),
  }),
  ...ranksFields,
  ...shardFields,
  ...inGroup("Run and checkpoints", {
    format: z.enum(["F32", "F16", "BF16"]).default("F32").describe("how the student's weights are stored"),
  }),
});

/** How `--help` of the task distill starts. */
export const distillHelp = {
  first: [
    "name",
    "teacher",
    "student",
    "data",
    "tokenizer",
    "objective",
    "alpha",
    "lambda",
    "steps",
    "batchSize",
    "engine",
  ],
  examples: [
    "deno task distill --name mine --alpha 0.5 --lambda 0.3",
    "deno task distill --data DIR --teacher DIR --student DIR --tokenizer DIR",
    "deno task distill --teacher http://127.0.0.1:8000/v1 --student DIR --data DIR",
    "deno task distill --objective distillm --policy adaptive --max-new-tokens 16",
    "deno task distill --dry-run                  # how much memory it would need",
    "deno task distill --name mine --resume auto  # resume it, or start it",
  ],
} satisfies TaskHelp<keyof typeof distillSchema.shape>;

/** The settings, as they are parsed. */
export type DistillConfig = z.output<typeof distillSchema>;

/** The two models; the teacher may be on a server, or what it said in a folder. */
export interface ModelPair {
  teacher: LanguageModel | SparseTeacher;
  student: LanguageModel;
}

/** What decides the teacher. */
export type TeacherSettings =
  & ServedSettings
  & Pick<DistillConfig, "teacher" | "teacherAdapter" | "precision" | "teacherPrecision">;

/**
 * Loads the teacher, with its adapters if it has some, or finds its server, or what it said.
 *
 * @throws {UsageError} If the engine in use cannot store it as the settings want.
 * @throws {TeacherError} If its server cannot be used.
 */
export async function loadTeacher(
  config: TeacherSettings,
  context: ServedContext,
): Promise<LanguageModel | SparseTeacher> {
  const place = teacherPlace(config.teacher);
  if (place === "server") return await connectTeacher(config, context);
  if (place === "targets") return targetsOfVocabulary(config.teacher, context.tokenizer);
  const { teacher, teacherAdapter, precision, teacherPrecision = precision } = config;
  if (!currentAbilities().storage.includes(teacherPrecision)) {
    throw new UsageError(
      `Cannot use --teacher-precision ${teacherPrecision}: the engine in use stores models in float32 only, ` +
        "--engine torch in bfloat16, int8, int4 and as stored too",
    );
  }
  return await loadModel(teacher, { precision: teacherPrecision, adapter: teacherAdapter });
}

/** A folder of targets as a teacher. */
function targetsOfVocabulary(folder: string, tokenizer: Tokenizer): SparseTeacher {
  const teacher = targetsFrom(folder);
  if (teacher.vocabularySize === tokenizer.vocabularySize) return teacher;
  throw new UsageError(
    `Cannot distil: the targets in --teacher ${folder} are of ${teacher.vocabularySize} tokens, the tokenizer of the ` +
      `rows has ${tokenizer.vocabularySize}`,
  );
}

/** Loads the student's start, with the adapters that are to be trained if the settings ask for some. */
export async function loadStudent(
  config: DistillConfig,
  origins?: Readonly<Record<string, string>>,
): Promise<LanguageModel> {
  const { student, studentAdapter: adapter } = config;
  const model = await loadModel(student);
  await adapt(model, { settings: config, base: student, adapter, origins });
  return model;
}

/** The folder of the tokenizer: the one that is set, or lies beside the student, or beside the teacher. */
export const distillTokenizer = (
  { tokenizer, student, teacher }: Pick<DistillConfig, "tokenizer" | "student" | "teacher">,
): Promise<string> => tokenizerFolderOf(tokenizer, teacherPlace(teacher) === "model" ? [student, teacher] : [student]);

/**
 * Loads the two models, the padding of their heads cut off.
 *
 * @throws {RangeError} If their vocabularies differ.
 */
export async function loadPair(config: DistillConfig): Promise<ModelPair> {
  const tokenizer = await loadTokenizer(await distillTokenizer(config));
  const teacher = await loadTeacher(config, { tokenizer, say: (text) => console.error(`warning: ${text}`) });
  const student = await loadStudent(config);
  await agreeOnVocabulary(tokenizer, { student, teacher }, config);
  return { teacher, student };
}
