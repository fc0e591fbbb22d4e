/**
 * Files that are written atomically.
 *
 * @module
 */
import { dirname } from "node:path";

/** What a file can be written from: bytes, text, or chunks of bytes in order. */
export type FileContent = Uint8Array | string | Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

async function writeAll(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length;) written += await file.write(bytes.subarray(written));
}

async function writePieces(path: string, content: FileContent): Promise<void> {
  using file = await Deno.open(path, { write: true, create: true, truncate: true });
  if (typeof content === "string") await writeAll(file, new TextEncoder().encode(content));
  else if (content instanceof Uint8Array) await writeAll(file, content);
  else for await (const piece of content) await writeAll(file, piece);
  await file.sync();
}

/** Makes a rename survive a power failure; Windows has no such call and needs none. */
export async function syncFolder(path: string): Promise<void> {
  if (Deno.build.os === "windows") return;
  using folder = await Deno.open(path);
  await folder.sync();
}

/**
 * Writes a temporary file (`<path>.partial`), waits until it is on disk, and moves it into place. A reader of `path`
 * sees the old file or the new one, never a partial one; if the disk is full, the old file stays intact.
 *
 * @param path The file; its folder exists.
 * @param content Its bytes, its text (UTF-8), or its chunks.
 * @throws {Error} If it cannot be written; the message names the file, the cause is the reason.
 *
 * @example A small file
 * ```ts
 * import assert from "node:assert/strict";
 * import { writeAtomically } from "./atomic_write.ts";
 *
 * const path = `${await Deno.makeTempDir()}/result.json`;
 * await writeAtomically(path, "{}");
 * assert.equal(await Deno.readTextFile(path), "{}");
 * ```
 */
export async function writeAtomically(path: string, content: FileContent): Promise<void> {
  const partial = `${path}.partial`;
  try {
    await writePieces(partial, content);
    await Deno.rename(partial, path);
    await syncFolder(dirname(path));
  } catch (cause) {
    await Deno.remove(partial).catch(() => {});
    throw new Error(`Cannot write ${path}: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
}
