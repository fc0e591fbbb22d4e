/**
 * Settings of where the teacher's states are kept.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { z } from "zod";
import type { TrainerOptions } from "../../lib/training/trainer.ts";
import { inGroup, switchWith } from "./field.ts";
import { UsageError } from "./usage_error.ts";

/** Where the teacher's states are kept, and how. */
export const teacherCacheFields = inGroup("Kept teacher states", {
  teacherCache: switchWith(["memory", "disk"]).default(true).describe(
    "keep the teacher's states of a row for the next time it comes, in memory; disk: in files, for later runs too",
  ),
  teacherCacheFolder: z.string().min(1).optional().describe(
    "disk: the folder, such as runs/teacher-states, which runs with that teacher share; the run's own if absent",
  ),
  teacherCacheType: z.enum(["float32", "bfloat16"]).default("float32").describe(
    "how kept states are stored: exactly, or rounded in half the space",
  ),
});

/** The settings of {@linkcode teacherCacheFields}, as they are parsed. */
export type TeacherCacheSettings = z.output<z.ZodObject<typeof teacherCacheFields>>;

/**
 * Turns settings into the trainer's options, for a run or the replay of a step: whether states are kept. A run whose
 * states are on the disk says where by {@linkcode diskCacheOptions}.
 *
 * @throws {UsageError} If a folder is named for states that are not kept on the disk.
 */
export function teacherCacheOptions(settings: TeacherCacheSettings): Pick<
  TrainerOptions,
  "teacherCache" | "teacherCacheType"
> {
  const { teacherCache, teacherCacheFolder, teacherCacheType } = settings;
  if (teacherCacheFolder !== undefined && teacherCache !== "disk") {
    throw new UsageError("Cannot use --teacher-cache-folder: --teacher-cache disk is needed");
  }
  return { teacherCache: teacherCache !== false, teacherCacheType };
}

/** Where a run's teacher states are to be on the disk. */
export interface TeacherCacheContext {
  /** The run's folder. */
  run: string;
  /** The folder of what runs share, where they do. */
  shared?: string;
  /** What tells teachers apart whose states are in the shared folder. */
  key: string;
}

/**
 * Turns settings into the trainer's options for states that are kept on the disk; of any others it gives nothing.
 *
 * @param settings The settings.
 * @param context Where the run is, and what it shares.
 */
export function diskCacheOptions(
  { teacherCache, teacherCacheFolder: named }: TeacherCacheSettings,
  { run, shared, key }: TeacherCacheContext,
): Pick<TrainerOptions, "teacherCache"> {
  if (teacherCache !== "disk") return {};
  if (named !== undefined) return { teacherCache: named };
  if (shared === undefined) return { teacherCache: join(run, "teacher-states") };
  const hash = createHash("sha256").update(key).digest("hex").slice(0, 16);
  return { teacherCache: join(shared, `teacher-states-${hash}`) };
}
