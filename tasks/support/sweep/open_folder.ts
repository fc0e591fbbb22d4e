/**
 * The folder of a sweep: `runs/<name>/`.
 *
 * @module
 */
import { join } from "node:path";
import { exists } from "../../../lib/files/exists.ts";
import { readRecord, writeRecord } from "../../../lib/runs/sweep/sweep_record.ts";
import { type ClaimedFolder, claimFolder } from "../claimed_folder.ts";
import { checkRunName } from "../run_folder.ts";
import { asUsage, UsageError } from "../usage_error.ts";

/**
 * Takes the folder for this process; it then holds a sweep's record.
 *
 * @throws {UsageError} If it holds something else, or another process uses it.
 */
export async function openSweepFolder(
  name: string,
  { root, overwrite }: { root: string; overwrite: boolean },
): Promise<ClaimedFolder> {
  checkRunName(name);
  const path = join(root, name);
  const folder = await claimFolder(path, { overwrite });
  try {
    const isSweep = await exists(join(path, "sweep.json"));
    if (await exists(path) && !isSweep && [...Deno.readDirSync(path)].length > 0) {
      throw new UsageError(`Cannot sweep in ${path}: it is not empty and holds no sweep; --name sets another`);
    }
    await folder.begin();
    if (!overwrite) folder.keep();
    const record = await asUsage(() => readRecord(path));
    await writeRecord(path, record);
    return folder;
  } catch (error) {
    await folder[Symbol.asyncDispose]();
    throw error;
  }
}
