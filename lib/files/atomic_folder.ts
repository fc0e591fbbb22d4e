/**
 * Folders that are written atomically.
 *
 * @module
 */
import { dirname } from "node:path";
import { syncFolder } from "./atomic_write.ts";
import { writeManifest } from "./manifest.ts";

/**
 * Fills a temporary folder (`<path>.partial`), adds the list of its files, waits until everything is on disk, and moves
 * it into place.
 *
 * @param path The folder; an existing one is replaced.
 * @param fill Writes the files into the folder it is given, each by `writeAtomically` or synced separately.
 * @throws {Error} If it cannot be written; an existing folder is then left unchanged.
 */
export async function writeFolderAtomically(path: string, fill: (folder: string) => Promise<void>): Promise<void> {
  const partial = `${path}.partial`;
  try {
    await removeIfThere(partial);
    await Deno.mkdir(partial, { recursive: true });
    await fill(partial);
    await writeManifest(partial);
    await removeFolder(path);
    await Deno.rename(partial, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await removeIfThere(partial);
    throw error;
  }
}

/**
 * Deletes a folder if it exists. It is renamed first, so that a partial folder is never mistaken for a complete one.
 */
export async function removeFolder(path: string): Promise<void> {
  const removed = `${path}.removed`;
  await removeIfThere(removed);
  try {
    await Deno.rename(path, removed);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw error;
  }
  await removeIfThere(removed);
}

/** Deletes half-written or half-deleted folders that a killed program left behind. */
export async function sweepFolder(folder: string): Promise<void> {
  const left: string[] = [];
  for await (const { name } of Deno.readDir(folder)) if (/\.(partial|removed)$/.test(name)) left.push(name);
  for (const name of left) await removeIfThere(`${folder}/${name}`);
}

async function removeIfThere(path: string): Promise<void> {
  try {
    await Deno.remove(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
