/**
 * Settings of where the teacher's states are kept.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { z } from "zod";
import { LanguageModel } from "../../lib/models/language_model.ts";
import { cached } from "../../lib/teachers/cached.ts";
import { localTeacher } from "../../lib/teachers/local_teacher.ts";
import { PACKED_BITS } from "../../lib/teachers/targets/kept_targets.ts";
import type { Teacher } from "../../lib/teachers/teacher.ts";
import { inGroup, switchWith } from "./field.ts";

/** Where the teacher's states are kept, and how. */
export const teacherCacheFields = inGroup("Cached teacher states", {
  teacherCache: switchWith(["memory", "disk"]).default(true).describe(
    "cache the teacher's states of each row for later epochs, in memory; disk: in files, for later runs too",
  ),
  teacherCacheFolder: z.string().min(1).optional().describe(
    "disk: the folder, such as runs/teacher-states, shared by runs with that teacher; the run's own if absent",
  ),
  teacherCacheType: z.enum(["float32", "bfloat16"]).default("float32").describe(
    "how cached states are stored: exactly, or rounded in half the space",
  ),
  teacherCacheBits: z.int().min(4).max(16).default(PACKED_BITS).describe(
    "disk, of a teacher that names its best tokens: bits of a log-probability",
  ),
});

/** The settings of {@linkcode teacherCacheFields}, as they are parsed. */
export type TeacherCacheSettings = z.output<z.ZodObject<typeof teacherCacheFields>>;

/** A teacher that names its best tokens. */
export type SparseTeacher = Teacher & { readonly topK: number };

/** Where a run's teacher states are to be on the disk. */
export interface TeacherCacheContext {
  /** What reports call the teacher. */
  name: string;
  /** The run's folder. */
  run: string;
  /** The folder of what runs share, where they do. */
  shared?: string;
  /** What distinguishes teachers whose states are in the shared folder. */
  key: string;
  /**
   * Whether the run has other teachers too, so that each needs a folder of its own.
   *
   * @default {false}
   */
  several?: boolean;
}

/**
 * The teacher as a run meets it: with its states or its answers kept, where the settings ask for that.
 *
 * @param given The model that teaches, or a teacher that answers sparsely.
 * @param settings The settings.
 * @param context Where the run is, and what it shares.
 */
export function keepingTeacher(
  given: LanguageModel | SparseTeacher,
  settings: TeacherCacheSettings,
  context: TeacherCacheContext,
): Teacher {
  const { teacherCache, teacherCacheFolder, teacherCacheType: type, teacherCacheBits: bits } = settings;
  const folder = teacherCache === "disk" ? folderOf(teacherCacheFolder, context) : undefined;
  if (!(given instanceof LanguageModel)) return teacherCache === false ? given : cached(given, { folder, bits });
  const teacher = localTeacher(given, { name: context.name });
  return teacherCache === false ? teacher : cached(teacher, { type, folder });
}

function folderOf(named: string | undefined, { run, shared, key, several }: TeacherCacheContext): string {
  const hash = createHash("sha256").update(key).digest("hex").slice(0, 16);
  const own = (folder: string) => several ? join(folder, hash) : folder;
  if (named !== undefined) return own(named);
  return shared === undefined ? own(join(run, "teacher-states")) : join(shared, `teacher-states-${hash}`);
}
