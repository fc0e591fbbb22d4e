/**
 * One process at a time.
 *
 * The lock is an operating-system lock on an open file, released when the process ends for any reason. The file also
 * records its holder, for the messages of other processes. If the file names a process on another machine and the
 * system lock is free, that process may have died, or the file system may not share locks between machines: which of
 * the two cannot be determined, so the lock counts as taken until somebody deletes the file.
 *
 * @module
 */
import { basename, dirname, join } from "node:path";
import { isElsewhere, type LockHolder, takenText, thisProcess, unsureText } from "./lock_holder.ts";

export type { LockHolder } from "./lock_holder.ts";

/** A lock that this process has. */
export interface FileLock extends Disposable {
  /** Releases it and deletes its file. */
  release(): void;
}

/** Another process holds the lock, or may hold it. */
export class LockedError extends Error {
  override name = "LockedError";

  /**
   * @param message Which lock, and who holds it.
   * @param holder The holder, if known.
   */
  constructor(message: string, readonly holder?: LockHolder) {
    super(message);
  }
}

/** Options for {@linkcode takeLock}. */
export interface TakeLockOptions {
  /** What is locked, for messages: a folder. */
  what: string;
  /**
   * This process.
   *
   * @default {process id, machine and job as Deno and Slurm report them}
   */
  holder?: LockHolder;
}

/**
 * Takes a lock, or throws an error that names its holder.
 *
 * @param path The lock's file; its folder is created.
 * @param options What is locked.
 * @returns The lock; dispose of it, or release it, at the end.
 * @throws {LockedError} If another process, or another part of this one, has it; the message names the process, its
 * machine and since when.
 * @throws {Error} If the file cannot be written, as on a disk that is read-only or full.
 */
export function takeLock(path: string, options: TakeLockOptions): FileLock {
  for (;;) {
    let file: Deno.FsFile | undefined;
    let lock: FileLock | undefined;
    try {
      file = openMaking(path);
      lock = taken(file, path, options);
    } catch (cause) {
      // A permission that Deno lacks has a remedy of its own.
      if (cause instanceof LockedError || cause instanceof Deno.errors.NotCapable) throw cause;
      throw new Error(`Cannot use ${options.what}: its lock ${path} cannot be written`, { cause });
    } finally {
      if (!lock) file?.close();
    }
    if (lock) return lock;
  }
}

/** The lock of a folder: a file beside it, `.<name>.lock`, which stays where it is when the folder is moved. */
export const lockPathOf = (folder: string): string => join(dirname(folder), `.${basename(folder)}.lock`);

/**
 * Checks that no process is using a folder's contents.
 *
 * @param folder The folder, which need not be there.
 * @param depth How many levels deep to look for locks.
 * @throws {LockedError} If a lock in it is taken; the message names the process.
 */
export function checkUnlocked(folder: string, depth = 2): void {
  let entries: Deno.DirEntry[];
  try {
    entries = [...Deno.readDirSync(folder)];
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return;
    throw error;
  }
  for (const { name, isFile, isDirectory } of entries) {
    const path = join(folder, name);
    if (isFile && /^\.(.*\.)?lock$/.test(name)) takeLock(path, { what: folder }).release();
    else if (isDirectory && depth > 0) checkUnlocked(path, depth - 1);
  }
}

/** Takes the lock of an open file; undefined if its holder deleted the file in between. */
function taken(
  file: Deno.FsFile,
  path: string,
  { what, holder = thisProcess() }: TakeLockOptions,
): FileLock | undefined {
  const free = tryLock(file);
  const there = readHolder(path);
  if (free === false) throw new LockedError(takenText(what, there, holder), there);
  if (!isStillThere(file, path)) return undefined;
  if (there && (free === undefined || isElsewhere(there, holder))) {
    throw new LockedError(unsureText(what, there, path), there);
  }
  file.truncateSync(0);
  file.writeSync(new TextEncoder().encode(JSON.stringify(holder) + "\n"));
  let open = true;
  const release = () => {
    if (!open) return;
    open = false;
    try {
      Deno.removeSync(path);
    } catch {
      // It was deleted already, or cannot be deleted while it is open; an empty file means that nobody holds the lock.
      file.truncateSync(0);
    }
    file.close();
  };
  return { release, [Symbol.dispose]: release };
}

/** Whether the system granted the lock; undefined if the disk does not support locks. */
function tryLock(file: Deno.FsFile): boolean | undefined {
  try {
    return file.tryLockSync(true);
  } catch {
    return undefined;
  }
}

/**
 * Opens the file, and creates its folder only if it is missing: permission to write the file does not imply permission
 * to write its folder.
 */
function openMaking(path: string): Deno.FsFile {
  const options = { create: true, read: true, write: true };
  try {
    return Deno.openSync(path, options);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    Deno.mkdirSync(dirname(path), { recursive: true });
    return Deno.openSync(path, options);
  }
}

function readHolder(path: string): LockHolder | undefined {
  try {
    const holder = JSON.parse(Deno.readTextFileSync(path));
    return typeof holder?.pid === "number" && typeof holder.since === "string" ? holder : undefined;
  } catch {
    return undefined; // empty, just deleted, or unreadable while another process holds it
  }
}

function isStillThere(file: Deno.FsFile, path: string): boolean {
  try {
    return Deno.statSync(path).ino === file.statSync().ino;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Options for {@linkcode withFileLock}. */
export interface FileLockOptions {
  /** Gives up waiting. */
  signal?: AbortSignal;
  /**
   * Milliseconds between two attempts.
   *
   * @default {100}
   */
  interval?: number;
  /** Called once if the lock is taken, with its holder if known. */
  onWait?: (holder?: LockHolder) => void;
}

/**
 * Runs a function while a file is locked; other processes that want the lock wait. It is compatible with Python's
 * `filelock`.
 *
 * @param path The file; it is created, and not deleted.
 * @param work What is done.
 * @returns What the work gives.
 */
export async function withFileLock<T>(
  path: string,
  work: () => Promise<T>,
  options: FileLockOptions = {},
): Promise<T> {
  const { signal, interval = 100, onWait } = options;
  await Deno.mkdir(dirname(path), { recursive: true });
  using file = await Deno.open(path, { create: true, write: true });
  let tries = 0;
  while (!await file.tryLock(true)) {
    signal?.throwIfAborted();
    // At the first attempt its holder may not have recorded itself yet.
    if (++tries === 2) onWait?.(readHolder(path));
    await new Promise((resolve) => setTimeout(resolve, interval));
  }
  try {
    await file.truncate();
    await file.write(new TextEncoder().encode(JSON.stringify(thisProcess()) + "\n"));
    return await work();
  } finally {
    await file.truncate();
    await file.unlock();
  }
}
