/**
 * A folder that a task has for itself, and what becomes of one that was there.
 *
 * What is to be overwritten stays where it is until the new run has passed every check. It is then moved aside, to
 * `.<name>.replaced-<n>` beside its place, and removed when the new run has come to its end. A run that fails before its
 * first step puts it back; one that is stopped or fails later leaves it aside.
 *
 * @module
 */
import { basename, dirname, join } from "node:path";
import type { Communicator } from "../../lib/distributed/communicator.ts";
import { onFirstRank } from "../../lib/distributed/first_rank.ts";
import { single } from "../../lib/distributed/single.ts";
import { exists } from "../../lib/files/exists.ts";
import { checkUnlocked, type FileLock, LockedError, lockPathOf, takeLock } from "../../lib/files/file_lock.ts";
import { UsageError } from "./usage_error.ts";

/** Options for {@linkcode claimFolder}. */
export interface ClaimFolderOptions {
  /**
   * Whether what is there is replaced.
   *
   * @default {false}
   */
  overwrite?: boolean;
  /**
   * Receives messages about what happens to it.
   *
   * @default {console.error}
   */
  say?: (text: string) => void;
}

/** A folder that this process has until it is disposed of. */
export interface ClaimedFolder extends AsyncDisposable {
  readonly path: string;
  /** Makes the folder, and moves aside what it replaces: everything has been checked. It may be called again. */
  begin(): Promise<void>;
  /** From here on the folder holds what must not be lost. */
  keep(): void;
  /** Everything is done: what was replaced is removed. */
  finish(): Promise<void>;
}

/**
 * Takes a lock for a task.
 *
 * @param path The lock's file.
 * @param what What is locked: a folder.
 * @throws {UsageError} If another process has it; the message names the process.
 */
export function lockFor(path: string, what: string): FileLock {
  return orUsageError(() => takeLock(path, { what }));
}

/**
 * Locks a folder that a task writes into, on the first of several ranks.
 *
 * @param folder The folder; the lock lies beside it.
 * @param communicator The ranks; this process alone if absent.
 * @throws {UsageError} If another process has it; the message names the process.
 */
export async function lockFolder(folder: string, communicator: Communicator = single()): Promise<Disposable> {
  let lock: FileLock | undefined;
  await onFirstRank(communicator, async () => void (lock = await lockFor(lockPathOf(folder), folder)));
  return lock ?? { [Symbol.dispose]() {} };
}

/**
 * Locks a folder, and the one that it links to, which may have another name in use.
 *
 * @throws {UsageError} If another process has one of them, or the link leads nowhere.
 */
async function lockWithTarget(path: string): Promise<Disposable> {
  const target = await targetOf(path);
  const locks = new DisposableStack();
  try {
    locks.use(lockFor(lockPathOf(path), path));
    if (target !== undefined) locks.use(lockFor(lockPathOf(target), path));
  } catch (error) {
    // A task may not write beside a folder elsewhere; there the link alone is locked.
    if (!(target !== undefined && error instanceof Deno.errors.NotCapable)) {
      locks.dispose();
      throw error;
    }
  }
  return locks;
}

/** The folder that a path links to; undefined if it is no link. */
async function targetOf(path: string): Promise<string | undefined> {
  try {
    if (!(await Deno.lstat(path)).isSymlink) return undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return undefined;
    throw error;
  }
  if (await exists(path)) return await Deno.realPath(path);
  throw new UsageError(
    `Cannot use ${path}: it is a link to ${await Deno.readLink(
      path,
    )}, which does not exist; make that folder, or choose ` +
      "another --name",
  );
}

function orUsageError<Value>(call: () => Value): Value {
  try {
    return call();
  } catch (error) {
    if (!(error instanceof LockedError)) throw error;
    throw new UsageError(error.message, { cause: error });
  }
}

/**
 * Takes a folder for this process alone.
 *
 * @param path The folder, which need not be there.
 * @param options Whether it is to be replaced.
 * @throws {UsageError} If another process uses it, which the message names, or if it is a link that leads nowhere.
 */
export async function claimFolder(path: string, options: ClaimFolderOptions = {}): Promise<ClaimedFolder> {
  const { overwrite = false, say = (text) => console.error(text) } = options;
  const lock = await lockWithTarget(path);
  let [begun, kept] = [false, false];
  let there: boolean;
  let aside: string | undefined;
  try {
    there = await exists(path);
    if (overwrite) orUsageError(() => checkUnlocked(path));
  } catch (error) {
    lock[Symbol.dispose]();
    throw error;
  }
  return {
    path,
    async begin() {
      if (begun) return;
      begun = true;
      if (there && overwrite) {
        aside = `${replacedPrefix(path)}${1 + Math.max(0, ...(await replacedBy(path)).map(({ number }) => number))}`;
        await Deno.rename(path, aside);
        say(`the content of ${path} is kept as ${aside} until the new run has finished`);
      }
      await Deno.mkdir(path, { recursive: true });
    },
    keep: () => void (kept = true),
    async finish() {
      kept = true;
      for (const { path: replaced } of await replacedBy(path)) await Deno.remove(replaced, { recursive: true });
    },
    async [Symbol.asyncDispose]() {
      try {
        // A step that failed is kept for its replay.
        if (!begun || (there && !overwrite) || kept || await exists(join(path, "failures"))) return;
        await Deno.remove(path, { recursive: true });
        if (aside === undefined) return;
        await Deno.rename(aside, path);
        say(`the new run has not taken a step; the content of ${path} is restored`);
      } finally {
        lock[Symbol.dispose]();
      }
    },
  };
}

/** A folder that another process looks after. */
export function foreignFolder(path: string): ClaimedFolder {
  const nothing = () => Promise.resolve();
  return { path, begin: nothing, keep() {}, finish: nothing, [Symbol.asyncDispose]: nothing };
}

const replacedPrefix = (path: string): string => join(dirname(path), `.${basename(path)}.replaced-`);

async function replacedBy(path: string): Promise<{ path: string; number: number }[]> {
  const prefix = basename(replacedPrefix(path));
  const found: { path: string; number: number }[] = [];
  for await (const { name } of Deno.readDir(dirname(path))) {
    const number = name.startsWith(prefix) ? Number(name.slice(prefix.length)) : NaN;
    if (Number.isInteger(number)) found.push({ path: join(dirname(path), name), number });
  }
  return found;
}
