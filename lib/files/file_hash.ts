/**
 * SHA-256 of files and texts.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { openToRead } from "./read_text.ts";

/** The size of a file and the hash of its bytes. */
export interface FileHash {
  /** Its size. */
  bytes: number;
  /** SHA-256, hexadecimal. */
  sha256: string;
}

/**
 * Hashes a file, one mebibyte at a time.
 *
 * @param path The file.
 * @throws {Error} If it cannot be read; the message names it.
 */
export async function hashFile(path: string): Promise<FileHash> {
  using file = await openToRead(path);
  const hash = createHash("sha256");
  const buffer = new Uint8Array(1 << 20);
  let bytes = 0;
  for (let count = await file.read(buffer); count !== null; count = await file.read(buffer)) {
    hash.update(buffer.subarray(0, count));
    bytes += count;
  }
  return { bytes, sha256: hash.digest("hex") };
}

/** Hashes data that is written chunk by chunk. */
export function hashPieces(pieces: Iterable<Uint8Array | string>): string {
  const hash = createHash("sha256");
  for (const piece of pieces) hash.update(piece);
  return hash.digest("hex");
}
