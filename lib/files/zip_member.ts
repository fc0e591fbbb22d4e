/**
 * Reads one file of a zip archive as a stream, without reading the rest.
 *
 * Source: PKWARE, "APPNOTE.TXT: .ZIP file format specification", sections 4.3 and 4.4.
 *
 * @module
 */

/** The sizes of the end record, which precedes the archive's comment, and of the longest comment. */
const END = { signature: 0x06054b50, bytes: 22, comment: 0xffff };
const CENTRAL = { signature: 0x02014b50, bytes: 46 };
const LOCAL = { signature: 0x04034b50, bytes: 30 };

/** The placeholder for a number that only a ZIP64 record holds. */
const IN_ZIP64 = 0xffffffff;

/** A file of an archive. */
interface Member {
  /** 0 where its bytes are stored as they are, 8 where they are deflated. */
  method: number;
  /** Its compressed size. */
  packed: number;
  /** Its uncompressed size. */
  size: number;
  /** The offset of its local header. */
  offset: number;
}

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
 * @throws {Error} If the file is not an archive, is truncated, has no such member, or compresses it by a method other
 * than deflate; the message names the archive and the member.
 */
export async function openZipMember(path: string, name: string): Promise<ZipMember> {
  const file = await Deno.open(path);
  try {
    const { size: length } = await file.stat();
    const read = async (offset: number, count: number, what: string) => {
      if (offset + count > length) {
        throw fault(path, `${what} must lie in its ${length} bytes`, `ends at ${offset + count}`);
      }
      const bytes = new Uint8Array(count);
      await file.seek(offset, Deno.SeekMode.Start);
      for (let have = 0; have < count;) have += await file.read(bytes.subarray(have)) ?? count;
      return new DataView(bytes.buffer);
    };
    const member = await findMember(name, { path, length, read });
    const header = await read(member.offset, LOCAL.bytes, `the header of ${name}`);
    if (header.getUint32(0, true) !== LOCAL.signature) {
      throw fault(path, `the header of ${name} must start with PK 3 4`, "does not");
    }
    const start = member.offset + LOCAL.bytes + header.getUint16(26, true) + header.getUint16(28, true);
    if (start + member.packed > length) throw fault(path, `${name} must lie in its ${length} bytes`, "is truncated");
    await file.seek(start, Deno.SeekMode.Start);
    return { size: member.size, bytes: unpacked(file, member, `${path}: ${name}`) };
  } catch (error) {
    file.close();
    throw error;
  }
}

const fault = (path: string, need: string, found: string): RangeError =>
  new RangeError(`Cannot unpack ${path}: ${need}, this one ${found}`);

interface Archive {
  path: string;
  length: number;
  read: (offset: number, count: number, what: string) => Promise<DataView<ArrayBuffer>>;
}

async function findMember(name: string, { path, length, read }: Archive): Promise<Member> {
  const tail = Math.min(length, END.bytes + END.comment);
  const last = await read(length - tail, tail, "the list of its members");
  let end = tail - END.bytes;
  while (end >= 0 && last.getUint32(end, true) !== END.signature) end--;
  if (end < 0) {
    throw fault(path, "a whole zip archive is needed", `has ${length} bytes and no list of members at its end`);
  }
  const [count, bytes, start] = [
    last.getUint16(end + 10, true),
    last.getUint32(end + 12, true),
    last.getUint32(end + 16, true),
  ];
  const list = await read(start, bytes, "the list of its members");
  for (let index = 0, at = 0; index < count; index++) {
    if (at + CENTRAL.bytes > bytes || list.getUint32(at, true) !== CENTRAL.signature) {
      throw fault(path, `its list of ${count} members must be whole`, `ends at member ${index}`);
    }
    const [nameBytes, extra, comment] = [28, 30, 32].map((field) => list.getUint16(at + field, true));
    const next = at + CENTRAL.bytes + nameBytes + extra + comment;
    if (next > bytes) throw fault(path, `its list of ${count} members must be whole`, `ends at member ${index}`);
    const nameAt = at + CENTRAL.bytes;
    if (new TextDecoder().decode(new Uint8Array(list.buffer, nameAt, nameBytes)) === name) {
      const [packed, size, offset] = [20, 24, 42].map((field) => list.getUint32(at + field, true));
      const method = list.getUint16(at + 10, true);
      if (method !== 0 && method !== 8) throw fault(path, `${name} must be stored or deflated`, `has method ${method}`);
      if ([packed, size, offset].includes(IN_ZIP64)) throw fault(path, `${name} must be below 4 GiB`, "is ZIP64");
      return { method, packed, size, offset };
    }
    at = next;
  }
  throw fault(path, `a member ${name} is needed`, `has ${count} others`);
}

/** The bytes of a member, from the file's current position. */
function unpacked(file: Deno.FsFile, { method, packed, size }: Member, name: string): ReadableStream<Uint8Array> {
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
