/**
 * The folder of a run: `runs/<name>/`.
 *
 * @module
 */
import { join } from "node:path";
import type { Communicator } from "../../lib/distributed/communicator.ts";
import { onFirstRank } from "../../lib/distributed/first_rank.ts";
import { hasResult } from "../../lib/runs/has_result.ts";
import { type ClaimedFolder, claimFolder, type ClaimFolderOptions, foreignFolder } from "./claimed_folder.ts";
import { UsageError } from "./usage_error.ts";

export { exists } from "../../lib/files/exists.ts";

/** Options for {@linkcode openRunFolder}. */
export interface OpenRunFolderOptions extends ClaimFolderOptions {
  /** @default {"runs"} */
  root?: string;
  /**
   * Whether to resume the existing run; `"auto"` starts one if there is no run yet.
   *
   * @default {false}
   */
  resume?: boolean | "auto";
}

/**
 * Checks that a name can be a folder of its own on every system.
 *
 * @throws {UsageError} If it is empty, longer than 100, starts with a dot or a dash, ends with a dot, or has signs other
 * than letters, digits, `.`, `_` and `-`.
 */
export function checkRunName(name: string): void {
  if (/^(?![.-])[\p{L}\p{N}._-]{1,100}$/u.test(name) && !name.endsWith(".")) return;
  throw new UsageError(
    "Cannot name the run: 1 to 100 letters, digits, dots, dashes and underscores are needed, no dot or dash first, " +
      `current value is ${JSON.stringify(name)}`,
  );
}

function entriesOf(path: string): string[] | undefined {
  try {
    return [...Deno.readDirSync(path)].map(({ name }) => name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    if (error instanceof Deno.errors.NotADirectory) {
      throw new UsageError(`Cannot use ${path}: it is a file, a folder is needed; choose another --name`);
    }
    throw error;
  }
}

/**
 * Takes the folder of a run for this process, whether the run begins or goes on. Nothing is written and nothing replaced
 * before its `begin()`.
 *
 * @param name The run's name, see {@linkcode checkRunName}.
 * @param options Whether to resume or overwrite an existing run of that name.
 * @returns The folder; dispose of it at the end.
 * @throws {UsageError} If the folder holds a run already and neither is requested, if there is no run to resume, if
 * what is to be overwritten does not look like a run, or if another process uses it.
 */
export async function openRunFolder(name: string, options: OpenRunFolderOptions = {}): Promise<ClaimedFolder> {
  const { root = "runs", resume = false, overwrite = false } = options;
  checkRunName(name);
  const path = join(root, name);
  if (resume && overwrite) throw new UsageError(`Cannot open ${path}: --resume and --overwrite exclude each other`);
  const folder = await claimFolder(path, options);
  try {
    checkEntries(path, { resume, overwrite });
    return folder;
  } catch (error) {
    await folder[Symbol.asyncDispose]();
    throw error;
  }
}

/** As {@linkcode openRunFolder}, on the first of several ranks, which looks after the folder for all. */
export async function openSharedRunFolder(
  name: string,
  { communicator, ...options }: OpenRunFolderOptions & { communicator: Communicator },
): Promise<ClaimedFolder> {
  let folder: ClaimedFolder | undefined;
  const path = await onFirstRank(communicator, async () => {
    folder = await openRunFolder(name, options);
    return folder.path;
  });
  return folder ?? foreignFolder(path);
}

function checkEntries(path: string, { resume, overwrite }: { resume: boolean | "auto"; overwrite: boolean }): void {
  // The teacher's states are there before the run begins.
  const entries = (entriesOf(path) ?? []).filter((name) => !name.endsWith(".partial") && name !== "teacher-states");
  const [isRun, isDone] = [entries.includes("config.json"), hasResult(path)];
  const isSaved = entriesOf(join(path, "checkpoints"))?.some((name) => /^step-\d+$/.test(name)) ?? false;
  if (resume) {
    if (isDone && !isSaved) {
      throw new UsageError(
        `Cannot resume ${path}: it has finished and has no checkpoint to resume from; --overwrite starts over`,
      );
    }
    if (isRun || isSaved || (resume === "auto" && entries.length === 0)) return;
    throw new UsageError(`Cannot resume ${path}: there is no run of that name; omit --resume to start one`);
  }
  if (entries.length > 0 && !overwrite) {
    const ways = "--resume continues it, --overwrite starts over, --name sets another";
    throw new UsageError(`Cannot start ${path}: it exists and is not empty; ${ways}`);
  }
  if (entries.length > 0 && !isRun && !isSaved) {
    throw new UsageError(
      `Cannot overwrite ${path}: it does not look like a run, it holds no config.json and no checkpoints`,
    );
  }
}
