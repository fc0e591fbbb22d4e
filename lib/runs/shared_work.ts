/**
 * Work that several runs have in common: what is loaded or computed once stays, in memory or on the disk.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { writeTogether } from "../files/write_together.ts";

/** Returns what was made before, or makes it. */
export interface SharedWork {
  /**
   * Keeps a value in memory, one of each kind: another key replaces it, and disposes of it if it can be disposed of.
   *
   * @param kind What it is, `"teacher"` for instance.
   * @param key What it depends on.
   * @param make Makes it.
   */
  once<Value>(kind: string, key: string, make: () => Value | Promise<Value>): Promise<Value>;
  /**
   * Keeps a value that JSON can hold on the disk, under a name made from its key.
   *
   * @param key What it depends on.
   * @param make Makes it.
   */
  saved<Value>(key: string, make: () => Promise<Value>): Promise<Value>;
  /** Where runs may keep further files that they share; absent where nothing is shared. */
  readonly folder?: string;
}

/** Shares nothing: everything is made when it is requested. */
export const unshared: SharedWork = {
  once: async (_kind, _key, make) => await make(),
  saved: (_key, make) => make(),
};

/** Shared work that can be ended. */
export interface ClosableWork extends SharedWork {
  /** Disposes of what is in memory. */
  close(): void;
}

/**
 * Shares work.
 *
 * @param folder Where values are kept on the disk; it is made where it is needed.
 */
export function sharedWork(folder: string): ClosableWork {
  const kept = new Map<string, { key: string; value: unknown }>();
  const drop = (kind: string) => {
    const value = kept.get(kind)?.value as { dispose?: () => void } | undefined;
    kept.delete(kind);
    value?.dispose?.();
  };
  return {
    folder,
    async once<Value>(kind: string, key: string, make: () => Value | Promise<Value>) {
      if (kept.get(kind)?.key !== key) {
        drop(kind);
        kept.set(kind, { key, value: await make() });
      }
      return kept.get(kind)!.value as Value;
    },
    async saved(key, make) {
      const path = join(folder, `${createHash("sha256").update(key).digest("hex").slice(0, 16)}.json`);
      const before = await read(path);
      if (before?.key === key) return before.value as Awaited<ReturnType<typeof make>>;
      const value = await make();
      await Deno.mkdir(folder, { recursive: true });
      writeTogether(path, [JSON.stringify({ key, value }) + "\n"]); // runs in other processes may save it at this moment
      return value;
    },
    close: () => [...kept.keys()].forEach(drop),
  };
}

async function read(path: string): Promise<{ key: string; value: unknown } | undefined> {
  try {
    return JSON.parse(await Deno.readTextFile(path));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw new Error(`Cannot continue ${path}: it must hold JSON; delete it, and it is recomputed`, { cause: error });
  }
}

/** Tells a folder's state apart from others: each file's name, size and time of change. */
export async function folderFingerprint(path: string): Promise<string> {
  const files: string[] = [];
  try {
    for await (const { name, isFile } of Deno.readDir(path)) {
      if (!isFile) continue;
      const { size, mtime } = await Deno.stat(join(path, name));
      files.push(`${name} ${size} ${mtime?.getTime()}`);
    }
  } catch (error) {
    if (error instanceof Deno.errors.NotADirectory) {
      const { size, mtime } = await Deno.stat(path);
      files.push(`${size} ${mtime?.getTime()}`);
    } else if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return [path, ...files.sort()].join("\n");
}
