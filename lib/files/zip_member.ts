/**
 * Reads one file of a zip archive as a stream, without reading the rest.
 *
 * @module
 */

import { zipEntries, type ZipEntry, zipOffset } from "./zip_entries.ts";

/** How much of a member to read. */
export interface ZipMember {
  /** Its uncompressed size, as the archive states it. */
  size: number;
  /** The bytes; an error if they are more or fewer. The archive is closed at their end. */
  bytes: ReadableStream<Uint8Array>;
}

/**
 * Opens a member of an archive. Its checksum is not verified: the caller knows the hash of what it wants.
 *
 * @param path The archive.
 * @param name The member, as the archive names it.
 * @returns Its size and bytes.
 * @throws {SyntaxError} If the file is not an archive or is broken; the message names it.
 * @throws {RangeError} If it has no such member, or one that is encrypted or compressed by a method other than deflate.
 */
export async function openZipMember(path: string, name: string): Promise<ZipMember> {
  const file = await Deno.open(path);
  try {
    const { size: length } = await file.stat();
    const read = async (offset: number, count: number) => {
      if (offset + count > length) {
        throw new SyntaxError(`it ends at byte ${length}, ${count} bytes from ${offset} on are needed`);
      }
      const bytes = new Uint8Array(count);
      await file.seek(offset, Deno.SeekMode.Start);
      for (let have = 0; have < count;) have += await file.read(bytes.subarray(have)) ?? count;
      return bytes;
    };
    const entries = await zipEntries(read, length);
    const entry = entries.get(name);
    if (!entry) throw fault(path, `a member ${name} is needed`, `has ${entries.size} others`);
    if (entry.encrypted) throw fault(path, `${name} must not be encrypted`, "has it encrypted");
    if (entry.method !== 0 && entry.method !== 8) {
      throw fault(path, `${name} must be stored or deflated`, `has method ${entry.method}`);
    }
    await file.seek(await zipOffset(read, name, { entry, size: length }), Deno.SeekMode.Start);
    return { size: entry.size, bytes: unpacked(file, entry, `${path}: ${name}`) };
  } catch (error) {
    file.close();
    if (error instanceof SyntaxError) {
      throw new SyntaxError(`Cannot unpack ${path}: ${error.message}`, { cause: error });
    }
    throw error;
  }
}

const fault = (path: string, need: string, found: string): RangeError =>
  new RangeError(`Cannot unpack ${path}: ${need}, this one ${found}`);

/** The bytes of a member, from the file's current position. */
function unpacked(file: Deno.FsFile, { method, packed, size }: ZipEntry, name: string): ReadableStream<Uint8Array> {
  let left = packed;
  const raw = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      const buffer = new Uint8Array(Math.min(left, 1 << 20));
      const count = left === 0 ? null : await file.read(buffer);
      if (count !== null) {
        left -= count;
        return controller.enqueue(buffer.subarray(0, count));
      }
      file.close();
      controller.close();
    },
    cancel: () => file.close(),
  });
  let have = 0;
  const counted = new TransformStream<Uint8Array, Uint8Array>({
    transform(bytes, controller) {
      have += bytes.length;
      if (have > size) throw new RangeError(`Cannot unpack ${name}: it must have ${size} bytes, it has more`);
      controller.enqueue(bytes);
    },
    flush() {
      if (have < size) throw new RangeError(`Cannot unpack ${name}: it must have ${size} bytes, it has ${have}`);
    },
  });
  return (method === 0 ? raw : raw.pipeThrough(new DecompressionStream("deflate-raw"))).pipeThrough(counted);
}
