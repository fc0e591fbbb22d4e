/**
 * Writing a file so that a reader sees the old one or the new one, and never a part.
 *
 * @module
 */

/** What a file is written from. */
export type FileContent = string | Uint8Array<ArrayBuffer> | AsyncIterable<Uint8Array<ArrayBuffer>>;

/**
 * Writes beside the file, syncs, and moves into place. On any failure the old file stays whole and the new one is gone.
 *
 * @param path Where the file shall be; its folder must exist.
 * @param content The whole content, or its pieces in order.
 * @throws {Error} If the file cannot be written (a full disk, say); the message names it, the cause is kept.
 */
export async function writeAtomically(path: string, content: FileContent): Promise<void> {
  const beside = `${path}.partial`;
  try {
    const file = await Deno.open(beside, { write: true, create: true, truncate: true });
    try {
      for await (const piece of pieces(content)) {
        for (let at = 0; at < piece.length;) at += await file.write(piece.subarray(at));
      }
      await file.sync();
    } finally {
      file.close();
    }
    await Deno.rename(beside, path);
  } catch (error) {
    await Deno.remove(beside).catch(() => {}); // what could not be created cannot be removed either
    throw new Error(`Cannot write ${path}: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
}

async function* pieces(content: FileContent): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  if (typeof content === "string") yield new TextEncoder().encode(content);
  else if (content instanceof Uint8Array) yield content;
  else yield* content;
}
