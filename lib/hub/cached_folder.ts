/**
 * The part of a repository that is already cached.
 *
 * @module
 */
import { join } from "node:path";
import { type RepositoryCache, sizeOf } from "./cache.ts";
import { HubError } from "./hub_error.ts";
import type { Repository } from "./repository.ts";
import { type WantedFiles, wantedFiles } from "./wanted_files.ts";

/**
 * Finds a revision's folder in the cache.
 *
 * @param cache The repository's cache.
 * @param repository The repository, for messages.
 * @param options The revision, and what is needed.
 * @returns The folder if it has everything that is needed, otherwise what is missing.
 */
export async function cachedFolder(
  cache: RepositoryCache,
  { name }: Repository,
  { revision, wanted }: { revision: string; wanted: WantedFiles },
): Promise<string | { lacks: string }> {
  const commit = await cache.commitOf(revision);
  const folder = commit === undefined ? undefined : cache.snapshot(commit);
  const paths = folder === undefined ? undefined : await pathsIn(folder);
  if (folder === undefined || paths === undefined) return { lacks: `there is nothing at ${revision}` };
  try {
    await wantedFiles(wanted, { name, paths, read: (path) => Deno.readTextFile(join(folder, path)) });
    return folder;
  } catch (error) {
    if (error instanceof HubError) return { lacks: error.message.replace(/^Cannot load [^:]*: /, "") };
    throw error;
  }
}

/** The complete files under a folder, or undefined if the folder does not exist. */
async function pathsIn(folder: string): Promise<Set<string> | undefined> {
  const paths = new Set<string>();
  const walk = async (inner: string): Promise<void> => {
    for await (const { name, isDirectory } of Deno.readDir(join(folder, inner))) {
      const path = inner === "" ? name : `${inner}/${name}`;
      if (isDirectory) await walk(path);
      else if (await sizeOf(join(folder, path)) !== undefined) paths.add(path);
    }
  };
  try {
    await walk("");
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
  return paths;
}
