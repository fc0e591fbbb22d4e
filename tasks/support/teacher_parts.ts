/**
 * The teachers that `--teacher` names, one or several, and what they teach together.
 *
 * @module
 */
import { z } from "zod";
import { ARITHMETIC } from "../../lib/assistants/alpha_mixture.ts";
import { mixedTeacher } from "../../lib/teachers/mixed_teacher.ts";
import type { Teacher } from "../../lib/teachers/teacher.ts";
import { teacherPerRow } from "../../lib/teachers/teacher_per_row.ts";
import { extendedNumber, inGroup } from "./field.ts";
import { teacherPlace } from "./teacher_place.ts";
import { UsageError } from "./usage_error.ts";

/** Which teachers there are, and how they teach together. */
export const teacherFields = inGroup("Models", {
  teacher: z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]).default("data/teacher").describe(
    "folder of the teacher, the address of a server that has it, http://host:port/v1#model, or a folder of its targets; " +
      "several times: several teachers, as name=PLACE with --teacher-field",
  ),
  teacherWeights: z.string().optional().describe("weights of several teachers, as 0.7,0.3; if absent all the same"),
  teacherAlpha: extendedNumber().default(ARITHMETIC).describe(
    "order of several teachers' mixture: -1 the weighted mean of probabilities, 1 the geometric mean",
  ),
  crossTokenizer: z.enum(["span", "uld", "single", "off"]).default("span").describe(
    "a teacher with another tokenizer: align texts by bytes, and learn from spans of several tokens by their likelihood, " +
      "by sorted probabilities, or not at all; off: refuse it",
  ),
  teacherPromptField: z.string().min(1).optional().describe(
    "key of the file's rows with another prompt for the teacher, as hints or the solution; the response is the same",
  ),
  teacherField: z.string().min(1).optional().describe(
    "key of the file's rows that names the teacher of each, in place of a mixture",
  ),
});

/** The settings of {@linkcode teacherFields}, as they are parsed. */
export type TeacherPartSettings = z.output<z.ZodObject<typeof teacherFields>>;

/** What of them decides how teachers teach together. */
export type JoinSettings = Omit<TeacherPartSettings, "crossTokenizer" | "teacherPromptField">;

/** One of the teachers. */
export interface TeacherPart {
  /** What rows call it, where each row names its teacher. */
  name?: string;
  /** The folder, the file, the repository, or the address. */
  place: string;
}

/**
 * The teachers, in their order.
 *
 * @throws {UsageError} If rows are to name their teacher, and one has no name, or that of another.
 */
export function teacherParts(
  { teacher, teacherField }: Pick<TeacherPartSettings, "teacher"> & { teacherField?: string },
): TeacherPart[] {
  const places = [teacher].flat();
  if (teacherField === undefined) return places.map((place) => ({ place }));
  const parts = places.map((text) => {
    const [, name, place] = /^([^=/\\:]+)=(.+)$/s.exec(text) ?? [];
    if (name !== undefined) return { name, place };
    throw new UsageError(
      `Cannot use --teacher ${text}: with --teacher-field ${teacherField} it must be name=PLACE, the name as rows have it`,
    );
  });
  const twice = parts.find(({ name }, index) => parts.findIndex((part) => part.name === name) < index);
  if (!twice) return parts;
  throw new UsageError(`Cannot use --teacher ${twice.name}=${twice.place}: ${twice.name} must name one teacher alone`);
}

/** Whether one of the teachers is at one of some kinds of places; where they cannot be told apart, none is. */
export function teacherIsAt(settings: Readonly<Record<string, unknown>>, ...kinds: readonly string[]): boolean {
  try {
    return teacherParts(settings as TeacherPartSettings).some(({ place }) => kinds.includes(teacherPlace(place)));
  } catch (error) {
    if (error instanceof UsageError) return false;
    throw error;
  }
}

/**
 * Checks what flags say of several teachers together.
 *
 * @throws {UsageError} If a weight is missing or none, rows of these data cannot name a teacher, or a part answers sparsely
 * where they are mixed.
 */
export function checkTeacherParts(settings: TeacherPartSettings & { data: string; teacherAdapter?: string }): void {
  const parts = teacherParts(settings), { teacherField, teacherAdapter, data } = settings;
  weightsOf(settings);
  if (teacherField !== undefined && data === "wordnet") {
    throw new UsageError(`Cannot use --teacher-field ${teacherField}: rows of the built-in corpus name no teacher`);
  }
  if (settings.teacherPromptField !== undefined && data === "wordnet") {
    throw new UsageError(
      "Cannot use --teacher-prompt-field: rows of the built-in corpus have no prompt for the teacher",
    );
  }
  if (parts.length > 1 && teacherAdapter !== undefined) {
    throw new UsageError(`Cannot use --teacher-adapter: there must be one --teacher, current count is ${parts.length}`);
  }
  const sparse = parts.find(({ place }) => teacherPlace(place) !== "model");
  if (parts.length === 1 || teacherField !== undefined || !sparse) return;
  throw new UsageError(
    `Cannot mix teachers: each must provide whole distributions, and --teacher ${sparse.place} names its best tokens; ` +
      "with --teacher-field each row may have a teacher of its own",
  );
}

/** The weights of a mixture; undefined where all are the same. */
function weightsOf({ teacherWeights, ...settings }: JoinSettings): number[] | undefined {
  if (teacherWeights === undefined) return undefined;
  const weights = teacherWeights.split(",").map((text) => text.trim() === "" ? NaN : Number(text));
  const count = teacherParts(settings).length;
  const valid = weights.length === count && weights.every((weight) => weight >= 0 && weight < Infinity);
  if (valid && weights.some((weight) => weight > 0)) return weights;
  throw new UsageError(
    `Cannot use --teacher-weights: ${count} numbers from 0 are needed, one of them above 0, current value is ` +
      JSON.stringify(teacherWeights),
  );
}

/**
 * What several teachers are together; one alone, without a name, is itself.
 *
 * @param parts The teachers, in the order of the settings.
 * @param settings How they teach together.
 * @throws {UsageError} If they do not go together.
 */
export function joinTeachers(parts: readonly Teacher[], settings: JoinSettings): Teacher {
  const { teacherField: field, teacherAlpha: alpha } = settings;
  if (field === undefined && parts.length === 1) return parts[0];
  const named = teacherParts(settings).map(({ name }, index) => [name, parts[index]]);
  try {
    return field === undefined
      ? mixedTeacher(parts, { alpha, weights: weightsOf(settings) })
      : teacherPerRow(Object.fromEntries(named), { field });
  } catch (cause) {
    if (!(cause instanceof RangeError || cause instanceof TypeError)) throw cause;
    throw new UsageError(`${cause.message} (--teacher)`, { cause });
  }
}
