/**
 * Loads the teachers of a run.
 *
 * @module
 */
import { join } from "node:path";
import { currentAbilities } from "../../lib/engines/current_engine.ts";
import { isFile } from "../../lib/files/exists.ts";
import { LanguageModel } from "../../lib/models/language_model.ts";
import { loadModel } from "../../lib/models/load_model.ts";
import { type AlignedTeacher, alignedTeacher } from "../../lib/teachers/aligned/aligned_teacher.ts";
import type { Teacher } from "../../lib/teachers/teacher.ts";
import { targetsFrom } from "../../lib/teachers/targets/kept_targets.ts";
import { loadTokenizer } from "../../lib/text/tokenizer.ts";
import { TOKENIZER_FILES } from "../../lib/text/tokenizer_files.ts";
import type { Tokenizer } from "../../lib/text/tokenizer_interface.ts";
import { connectTeacher, type ServedContext, type ServedSettings } from "./served_fields.ts";
import type { SparseTeacher } from "./teacher_cache_fields.ts";
import { type JoinSettings, type TeacherPart, teacherParts, type TeacherPartSettings } from "./teacher_parts.ts";
import { teacherPlace } from "./teacher_place.ts";
import { UsageError } from "./usage_error.ts";

/** What decides a teacher. */
export interface TeacherSettings extends ServedSettings {
  /** Where it is. */
  teacher: string;
  teacherAdapter?: string;
  precision?: "float32" | "bfloat16";
  teacherPrecision?: "float32" | "bfloat16" | "int8" | "int4" | "stored";
}

/** How a teacher with another tokenizer teaches. */
export type AlignSettings = Pick<ServedSettings, "teacherTopK"> & Pick<TeacherPartSettings, "crossTokenizer">;

/** A teacher that is loaded. */
export interface LoadedTeacher extends TeacherPart {
  /** The model, or what answers sparsely: a server, or a folder. */
  teacher: LanguageModel | SparseTeacher;
  /** Its own tokenizer, where that is another one than that of the rows. */
  tokenizer?: Tokenizer;
}

/**
 * Loads a teacher, with its adapters if it has some, or finds its server, or what it said.
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
  if (teacherPrecision !== undefined && !currentAbilities().storage.includes(teacherPrecision)) {
    throw new UsageError(
      `Cannot use --teacher-precision ${teacherPrecision}: the engine in use stores models in float32 only, ` +
        "--engine torch in bfloat16, int8, int4 and as stored too",
    );
  }
  return await loadModel(teacher, { precision: teacherPrecision, adapter: teacherAdapter });
}

/** The teachers of a run, in the order of the settings. */
export interface LoadedTeachers {
  parts: readonly LoadedTeacher[];
  /** Frees those that are models. */
  dispose(): void;
}

/** Loads all teachers of a run, one after another; see {@linkcode loadTeacher}. */
export async function loadTeachers(
  config: Omit<TeacherSettings, "teacher"> & JoinSettings,
  context: ServedContext,
): Promise<LoadedTeachers> {
  const parts: LoadedTeacher[] = [];
  for (const part of teacherParts(config)) {
    const tokenizer = await namedTokenizer(part.place, config);
    const ownContext = { ...context, tokenizer: tokenizer ?? context.tokenizer };
    parts.push({ ...part, tokenizer, teacher: await loadTeacher({ ...config, teacher: part.place }, ownContext) });
  }
  const dispose = () => parts.forEach(({ teacher }) => teacher instanceof LanguageModel && teacher.dispose());
  return { parts, dispose };
}

/** The tokenizer of a teacher that is no model here: the one that is set for servers, or lies beside targets. */
export async function namedTokenizer(
  place: string,
  { teacherTokenizer }: Pick<ServedSettings, "teacherTokenizer">,
): Promise<Tokenizer | undefined> {
  switch (teacherPlace(place)) {
    case "server":
      return teacherTokenizer === undefined ? undefined : await loadTokenizer(teacherTokenizer);
    case "targets":
      return isFile(join(place, TOKENIZER_FILES[0])) ? await loadTokenizer(place) : undefined;
    default:
      return undefined;
  }
}

/**
 * Lets a teacher with another tokenizer teach in the tokens of the rows; one with that of the rows stays as it is.
 *
 * @param teacher The loaded one as it is asked, with its states kept or not.
 * @param loaded Its tokenizer, if it is another one.
 * @param settings The tokenizer of the rows, and what is learnt.
 * @throws {UsageError} If the two cannot be aligned.
 */
export function alignedWith(
  teacher: Teacher,
  { tokenizer: own, place }: LoadedTeacher,
  { tokenizer, teacherTopK, crossTokenizer }: { tokenizer: Tokenizer } & AlignSettings,
): Teacher {
  return own === undefined || crossTokenizer === "off"
    ? teacher
    : aligned(teacher, { own, place }, { tokenizer, teacherTopK, crossTokenizer });
}

/**
 * Aligns a teacher.
 *
 * @throws {UsageError} If the two tokenizers cannot be aligned.
 */
export function aligned(
  teacher: Teacher,
  { own, place }: { own: Tokenizer; place: string },
  { tokenizer, teacherTopK, crossTokenizer }: { tokenizer: Tokenizer; teacherTopK: number } & {
    crossTokenizer?: "span" | "uld" | "single";
  },
): AlignedTeacher {
  const topK = teacher.topK === undefined ? teacherTopK : undefined;
  try {
    return alignedTeacher(teacher, { student: tokenizer, teacher: own, topK, elsewhere: crossTokenizer });
  } catch (cause) {
    if (!(cause instanceof RangeError || cause instanceof TypeError)) throw cause;
    throw new UsageError(`${cause.message} (--teacher ${place}, --teacher-top-k ${teacherTopK})`, { cause });
  }
}

/** A folder of targets as a teacher. */
function targetsOfVocabulary(folder: string, tokenizer: Tokenizer): SparseTeacher {
  const teacher = targetsFrom(folder);
  if (teacher.vocabularySize === tokenizer.vocabularySize) return teacher;
  throw new UsageError(
    `Cannot distil: the targets in --teacher ${folder} are of ${teacher.vocabularySize} tokens, their tokenizer has ` +
      `${tokenizer.vocabularySize}; task targets writes it beside them where it is not that of the rows`,
  );
}
