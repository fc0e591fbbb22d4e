/**
 * Random access to the bytes of an open file.
 *
 * @module
 */
import { namedError } from "../../files/read_text.ts";

/** An open file. */
export interface FileBytes {
  /** Its length in bytes. */
  readonly size: number;
  /** Reads bytes; throws an error that names the file if they are not all there, before allocating. */
  read(offset: number, length: number): Promise<Uint8Array<ArrayBuffer>>;
  /** Fills an array with bytes. */
  readInto(offset: number, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  close(): void;
}

/**
 * Opens a file.
 *
 * @throws {Deno.errors.NotFound} If there is no such file.
 * @throws {Error} If it cannot be read, or is a folder; the message names it.
 */
export async function openBytes(path: string): Promise<FileBytes> {
  const file = await openFile(path);
  const { size } = await file.stat();
  const checkEnd = (offset: number, length: number) => {
    if (offset + length > size) {
      throw new SyntaxError(`it ends at byte ${size}, ${length} bytes from ${offset} on are needed`);
    }
  };
  const readInto = async (offset: number, bytes: Uint8Array<ArrayBuffer>) => {
    checkEnd(offset, bytes.length);
    await file.seek(offset, Deno.SeekMode.Start);
    for (let at = 0; at < bytes.length;) {
      const count = await file.read(bytes.subarray(at));
      if (count === null) throw new SyntaxError(`it ends ${bytes.length - at} bytes early`);
      at += count;
    }
  };
  return {
    size,
    readInto,
    async read(offset, length) {
      checkEnd(offset, length);
      const bytes = new Uint8Array(length);
      await readInto(offset, bytes);
      return bytes;
    },
    close: () => file.close(),
  };
}

/**
 * Opens a file to read it.
 *
 * @throws {Deno.errors.NotFound} If there is no such file.
 * @throws {Error} If it cannot be read, or is a folder; the message names it.
 */
export async function openFile(path: string): Promise<Deno.FsFile> {
  let file: Deno.FsFile;
  try {
    file = await Deno.open(path, { read: true });
  } catch (cause) {
    throw await namedError(path, cause);
  }
  if (!(await file.stat()).isDirectory) return file;
  file.close();
  throw await namedError(path, new Error("it is a folder"));
}
