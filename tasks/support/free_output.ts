/**
 * A file or folder that a task is about to make.
 *
 * @module
 */
import { dirname } from "node:path";
import { exists } from "../../lib/files/exists.ts";
import { lockFolder } from "./claimed_folder.ts";
import { UsageError } from "./usage_error.ts";

/**
 * Locks the place for this process, until the lock is disposed of.
 *
 * @param output The file or folder.
 * @param overwrite Whether it may be there.
 * @throws {UsageError} If it is there, or another process makes it.
 */
export async function lockOutput(output: string, overwrite: boolean): Promise<Disposable> {
  await Deno.mkdir(dirname(output), { recursive: true });
  const lock = await lockFolder(output);
  if (overwrite || !await exists(output)) return lock;
  lock[Symbol.dispose]();
  throw new UsageError(`Cannot write ${output}: it already exists; --overwrite replaces it, --output sets another`);
}
