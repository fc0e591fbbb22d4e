/**
 * One process at a time.
 *
 * @module
 */
import { dirname } from "node:path";

/** Options for {@linkcode withFileLock}. */
export interface FileLockOptions {
  /** Gives up waiting. */
  signal?: AbortSignal;
  /**
   * Milliseconds between two tries.
   *
   * @default {100}
   */
  interval?: number;
}

/**
 * Does something while a file is locked; others who want the lock wait. The system gives the lock back when a process
 * ends, however it ends. Python's `filelock` takes part.
 *
 * @param path The file; it is made, and it stays.
 * @param work What is done.
 * @returns What the work gives.
 */
export async function withFileLock<T>(
  path: string,
  work: () => Promise<T>,
  options: FileLockOptions = {},
): Promise<T> {
  const { signal, interval = 100 } = options;
  await Deno.mkdir(dirname(path), { recursive: true });
  using file = await Deno.open(path, { create: true, write: true });
  while (!await file.tryLock(true)) {
    signal?.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, interval));
  }
  try {
    return await work();
  } finally {
    await file.unlock();
  }
}
