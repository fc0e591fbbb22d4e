/**
 * Files that several processes may write at the same time.
 *
 * @module
 */

/**
 * Writes a temporary file, named after this process, waits until it is on disk, and moves it into place. A reader sees
 * one writer's whole file, or nothing.
 *
 * @param path The file; its folder exists.
 * @param pieces Its bytes or strings (UTF-8), in order.
 * @throws {Error} If it cannot be written; the message names the file, the cause is the reason.
 *
 * @example A small file
 * ```ts
 * import assert from "node:assert/strict";
 * import { writeTogether } from "./write_together.ts";
 *
 * const path = `${Deno.makeTempDirSync()}/teacher.json`;
 * writeTogether(path, ["{}"]);
 * assert.equal(Deno.readTextFileSync(path), "{}");
 * ```
 */
export function writeTogether(path: string, pieces: readonly (Uint8Array | string)[]): void {
  // Processes on different machines may have the same id.
  const partial = `${path}.${Deno.pid}-${crypto.randomUUID().slice(0, 8)}.partial`;
  try {
    writePieces(partial, pieces);
    Deno.renameSync(partial, path);
  } catch (cause) {
    try {
      Deno.removeSync(partial);
    } catch {
      // It was never created, or cannot be removed either; the first reason is the one to report.
    }
    throw new Error(`Cannot write ${path}: ${(cause as Error).message}`, { cause });
  }
}

function writePieces(path: string, pieces: readonly (Uint8Array | string)[]): void {
  using file = Deno.openSync(path, { write: true, create: true, truncate: true });
  for (const piece of pieces) {
    const bytes = typeof piece === "string" ? new TextEncoder().encode(piece) : piece;
    for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
  }
  file.syncSync();
}
