/**
 * Whether, where and how a trainer keeps its teacher's states.
 *
 * @module
 */
import { join } from "node:path";
import type { Communicator } from "../distributed/communicator.ts";
import type { LanguageModel } from "../models/language_model.ts";
import { openStateFolder } from "./state_folder.ts";
import { memoryStore, type StateType } from "./state_store.ts";
import type { TeacherGroups } from "./teacher_groups.ts";
import { keptTeacherStates, type TeacherStates } from "./teacher_states.ts";

/** The settings of a trainer that say whether, where and how states are kept. */
export interface TeacherCacheOptions {
  teacherCache?: boolean | string;
  teacherCacheType?: StateType;
  teacherGroups?: TeacherGroups;
  communicator?: Pick<Communicator, "rank" | "size">;
}

/**
 * Where states are kept: the folder, or none for memory; and how.
 *
 * @returns Nothing where none are kept.
 * @throws {RangeError} If the folder or the type is none.
 */
export function cachePlace(
  { teacherCache = false, teacherCacheType: type = "float32" }: TeacherCacheOptions,
): { folder?: string; type: StateType } | undefined {
  if (type !== "float32" && type !== "bfloat16") {
    throw new RangeError(`Cannot train: teacherCacheType must be float32 or bfloat16, current value is ${type}`);
  }
  if (teacherCache === "") {
    throw new RangeError('Cannot train: teacherCache must be true, false, "memory" or a folder, current value is ""');
  }
  if (teacherCache === false) return undefined;
  return { folder: teacherCache === true || teacherCache === "memory" ? undefined : teacherCache, type };
}

/**
 * Opens what the options ask for.
 *
 * @param teacher The teacher; it must not change from here on.
 * @param options Whether, where and how.
 * @returns Nothing where no states are kept.
 * @throws {RangeError} If the folder holds states of another teacher, another engine or another type; the message names
 * both.
 * @throws {SyntaxError} If its teacher.json is damaged.
 */
export async function openTeacherCache(
  teacher: LanguageModel,
  options: TeacherCacheOptions,
): Promise<TeacherStates | undefined> {
  const place = cachePlace(options);
  if (!place) return undefined;
  const { folder, type } = place;
  const { teacherGroups: groups, communicator } = options;
  if (folder === undefined) return keptTeacherStates(teacher, { groups, store: memoryStore(type) });
  // Ranks keep what they work on: a folder that several wrote to would be swept by one while another writes.
  const own = communicator && communicator.size > 1 ? `rank-${communicator.rank}-of-${communicator.size}` : "";
  const store = await openStateFolder(join(folder, own), { teacher, type });
  // Without a company of its own a row is alone, so that its bits are the same whenever it comes.
  return keptTeacherStates(teacher, { groups: (row) => groups?.(row) ?? [row], store });
}
