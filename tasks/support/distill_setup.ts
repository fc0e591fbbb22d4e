/**
 * What the task distill is set up from: its settings and the two models.
 *
 * @module
 */
import { z } from "zod";
import { loadModel } from "../../lib/models/load_model.ts";
import type { LanguageModel } from "../../lib/models/language_model.ts";
import { teacherOf } from "../../lib/teachers/local_teacher.ts";
import type { Teacher } from "../../lib/teachers/teacher.ts";
import { loadTokenizer } from "../../lib/text/tokenizer.ts";
import { textFields } from "./text_fields.ts";
import { adapt, loraFields } from "./lora_fields.ts";
import { objectiveFields } from "./objective_fields.ts";
import type { TaskHelp } from "./help.ts";
import { agreeOnVocabulary } from "./one_vocabulary.ts";
import { policyFields } from "./policy_fields.ts";
import { inGroup, trainRowsField } from "./field.ts";
import { ranksFields, shardFields } from "./ranks.ts";
import { scheduleFields } from "./schedule_fields.ts";
import { servedFields } from "./served_fields.ts";
import { teacherCacheFields } from "./teacher_cache_fields.ts";
import { alignedWith, loadTeachers } from "./load_teacher.ts";
import { joinTeachers, teacherFields, teacherParts } from "./teacher_parts.ts";
import { teacherPlace } from "./teacher_place.ts";
import { tokenizerFolderOf } from "./tokenizer_folder.ts";
import { tailFields } from "./tail_fields.ts";
import { measureFields } from "./watch_fields.ts";
import { dataFields, engineFields, optimizerFields, runFields } from "./training_fields.ts";

/** The settings of the task distill. */
export const distillSchema = z.strictObject({
  ...runFields("quickstart"),
  ...inGroup("Models", {
    ...teacherFields,
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
  ...inGroup("Data", { trainRows: trainRowsField(2400) }),
  ...optimizerFields({ learningRate: 1.4e-3, steps: 450, batchSize: 16, warmupSteps: 10 }),
  ...teacherCacheFields,
  ...servedFields,
  ...tailFields,
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
    "deno task distill --teacher DIR --teacher DIR --teacher-weights 0.7,0.3",
    "deno task distill --objective distillm --policy adaptive --max-new-tokens 16",
    "deno task distill --dry-run                  # how much memory it would need",
    "deno task distill --name mine --resume auto  # resume it, or start it",
  ],
} satisfies TaskHelp<keyof typeof distillSchema.shape>;

/** The settings, as they are parsed. */
export type DistillConfig = z.output<typeof distillSchema>;

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

/** The folder of the tokenizer: the one that is set, or lies beside the student, or beside a teacher. */
export const distillTokenizer = (
  { tokenizer, student, ...teachers }:
    & Pick<DistillConfig, "tokenizer" | "student" | "teacher">
    & { teacherField?: string },
): Promise<string> => {
  const models = teacherParts(teachers).map(({ place }) => place).filter((place) => teacherPlace(place) === "model");
  return tokenizerFolderOf(tokenizer, [student, ...models]);
};

/**
 * Loads the student and its teacher, or teachers, the padding of their heads cut off.
 *
 * @throws {RangeError} If their vocabularies differ.
 */
export async function loadPair(config: DistillConfig): Promise<{ student: LanguageModel; teacher: Teacher }> {
  const tokenizer = await loadTokenizer(await distillTokenizer(config));
  const { parts } = await loadTeachers(config, { tokenizer, say: (text) => console.error(`warning: ${text}`) });
  const student = await loadStudent(config);
  const loaded = await agreeOnVocabulary(tokenizer, { student, teachers: parts }, config);
  const teachers = loaded.map((one) => alignedWith(teacherOf(one.teacher), one, { ...config, tokenizer }));
  return { teacher: joinTeachers(teachers, config), student };
}
