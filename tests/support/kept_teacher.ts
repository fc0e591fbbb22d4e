import type { LanguageModel } from "../../lib/models/language_model.ts";
import { cached } from "../../lib/teachers/cached.ts";
import type { HiddenType } from "../../lib/teachers/hidden_store.ts";
import type { Teacher } from "../../lib/teachers/teacher.ts";

/** A teacher whose states are kept in memory, in a folder, or, where the place is false, not at all. */
export function keptTeacher(
  teacher: LanguageModel,
  place: boolean | string | undefined,
  type?: HiddenType,
): LanguageModel | Teacher {
  if (place === false || place === undefined) return teacher;
  return cached(teacher, { folder: place === true || place === "memory" ? undefined : place, type });
}
