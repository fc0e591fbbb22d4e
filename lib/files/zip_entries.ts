/**
 * The entries of a zip archive. Nothing in the archive is trusted.
 *
 * Source: PKWARE, "APPNOTE.TXT – .ZIP file format specification", 6.3.
 *
 * @module
 */

/** Reads bytes of a file at an offset. */
export type ReadAt = (offset: number, length: number) => Promise<Uint8Array<ArrayBuffer>>;

/** An entry of the list at the archive's end. */
export interface ZipEntry {
  /** 0 where its bytes are stored as they are, 8 where they are deflated. */
  method: number;
  encrypted: boolean;
  /** Bytes in the archive. */
  packed: number;
  /** Bytes when unpacked. */
  size: number;
  /** The offset of its local header, which precedes its bytes. */
  header: number;
}

const [LOCAL, CENTRAL, END, END_64, PLACE_OF_END_64] = [0x04034b50, 0x02014b50, 0x06054b50, 0x06064b50, 0x07064b50];
/** The placeholder of a field whose value is in the ZIP64 extra field, and that field's id. */
const [IN_64_BITS, EXTRA_64] = [0xffffffff, 1];
/** The maximum size of the end record with its comment, and of the list of entries. */
const [LONGEST_END, LARGEST_LIST] = [22 + 65535, 100_000_000];

const fault = (reason: string) => new SyntaxError(`its zip archive is broken: ${reason}`);

const viewOf = (bytes: Uint8Array<ArrayBuffer>) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** A 64-bit number, exact or too large to be an offset. */
const wide = (view: DataView, at: number): number => Number(view.getBigUint64(at, true));

/**
 * Lists the entries of an archive.
 *
 * @param read Reads from the file.
 * @param size The file's length in bytes.
 * @returns The entries by name, in the archive's order.
 * @throws {SyntaxError} If the archive is broken, or an entry lies outside the file.
 */
export async function zipEntries(read: ReadAt, size: number): Promise<Map<string, ZipEntry>> {
  const { offset, length, count } = await placeOfList(read, size);
  if (length > LARGEST_LIST || offset + length > size) {
    throw fault(`its list of ${length} bytes at ${offset} lies outside the file of ${size}`);
  }
  const list = viewOf(await read(offset, length));
  const entries = new Map<string, ZipEntry>();
  let at = 0;
  for (let index = 0; index < count; index++) {
    if (at + 46 > length || list.getUint32(at, true) !== CENTRAL) throw fault(`entry ${index} of its list is invalid`);
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((field) => list.getUint16(at + field, true));
    const next = at + 46 + nameLength + extraLength + commentLength;
    if (next > length) throw fault(`entry ${index} lies outside its list`);
    const name = new TextDecoder().decode(new Uint8Array(list.buffer, list.byteOffset + at + 46, nameLength));
    const extra = new DataView(list.buffer, list.byteOffset + at + 46 + nameLength, extraLength);
    // The ZIP64 extra field has these in the order of whole size, packed size and header.
    const [whole, packed, header] = inFull([24, 20, 42].map((field) => list.getUint32(at + field, true)), extra);
    if (header + 30 + packed > size) throw fault(`"${name}" lies outside the file`);
    if (entries.has(name)) throw fault(`"${name}" is duplicated`);
    const [flags, method] = [8, 10].map((field) => list.getUint16(at + field, true));
    entries.set(name, { method, encrypted: (flags & 1) === 1, packed, size: whole, header });
    at = next;
  }
  return entries;
}

/**
 * Finds an entry's bytes: they follow its local header, which states its own length.
 *
 * @param read Reads from the file.
 * @param name What messages call the entry.
 * @param options The entry, and the file's length in bytes.
 * @returns The offset of the first one.
 * @throws {SyntaxError} If there is no such header, or the bytes lie outside the file.
 */
export async function zipOffset(
  read: ReadAt,
  name: string,
  { entry: { header, packed }, size }: { entry: ZipEntry; size: number },
): Promise<number> {
  const view = viewOf(await read(header, 30));
  if (view.getUint32(0, true) !== LOCAL) throw fault(`there is no entry at byte ${header}`);
  const offset = header + 30 + view.getUint16(26, true) + view.getUint16(28, true);
  if (offset + packed > size) throw fault(`"${name}" lies outside the file`);
  return offset;
}

async function placeOfList(read: ReadAt, size: number): Promise<{ offset: number; length: number; count: number }> {
  const start = Math.max(0, size - LONGEST_END);
  const end = viewOf(await read(start, size - start));
  let at = end.byteLength - 22;
  while (at >= 0 && end.getUint32(at, true) !== END) at--;
  if (at < 0) throw fault("it has no end record; was it truncated?");
  const short = {
    count: end.getUint16(at + 10, true),
    length: end.getUint32(at + 12, true),
    offset: end.getUint32(at + 16, true),
  };
  if (short.count !== 0xffff && short.length !== IN_64_BITS && short.offset !== IN_64_BITS) return short;
  if (at < 20 || end.getUint32(at - 20, true) !== PLACE_OF_END_64) throw fault("it has no ZIP64 end record");
  const place = wide(end, at - 12);
  if (place + 56 > size) throw fault("its ZIP64 end record lies outside the file");
  const long = viewOf(await read(place, 56));
  if (long.getUint32(0, true) !== END_64) throw fault("its ZIP64 end record is invalid");
  return { count: wide(long, 32), length: wide(long, 40), offset: wide(long, 48) };
}

/** 32-bit numbers, with each placeholder replaced by the next value of the ZIP64 extra field. */
function inFull(numbers: number[], extra: DataView): number[] {
  let from = -1, to = -1;
  for (let at = 0; at + 4 <= extra.byteLength;) {
    const length = extra.getUint16(at + 2, true);
    if (extra.getUint16(at, true) === EXTRA_64) [from, to] = [at + 4, Math.min(at + 4 + length, extra.byteLength)];
    at += 4 + length;
  }
  return numbers.map((number) => {
    if (number !== IN_64_BITS) return number;
    if (from < 0 || from + 8 > to) throw fault("a 64-bit number is missing");
    const full = wide(extra, from);
    from += 8;
    return full;
  });
}
