/**
 * The entries of a zip archive whose bytes lie in it as they are. Nothing in the archive is trusted.
 *
 * Source: PKWARE, "APPNOTE.TXT – .ZIP file format specification", 6.3.
 *
 * @module
 */

/** Reads bytes of a file at a place. */
export type ReadAt = (offset: number, length: number) => Promise<Uint8Array<ArrayBuffer>>;

/** Where an entry's bytes lie. */
export interface ZipEntry {
  /** The first byte, counted from the start of the file. */
  offset: number;
  byteLength: number;
}

const [LOCAL, CENTRAL, END, END_64, PLACE_OF_END_64] = [0x04034b50, 0x02014b50, 0x06054b50, 0x06064b50, 0x07064b50];
/** What a field holds whose number is in an extra field of 64 bits, and the name of that field. */
const [IN_64_BITS, EXTRA_64] = [0xffffffff, 1];
/** Bytes of the end with its longest comment, and of the largest list of entries that is read. */
const [LONGEST_END, LARGEST_LIST] = [22 + 65535, 100_000_000];

const fault = (reason: string) => new SyntaxError(`its zip archive is broken: ${reason}`);

const viewOf = (bytes: Uint8Array<ArrayBuffer>) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** A number of 64 bits, exact or too large to be a place. */
const wide = (view: DataView, at: number): number => Number(view.getBigUint64(at, true));

/**
 * Lists the entries of an archive.
 *
 * @param read Reads from the file.
 * @param size The file's length in bytes.
 * @returns The entries by name.
 * @throws {SyntaxError} If the archive is broken, or an entry is compressed, encrypted or outside the file.
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
    if (at + 46 > length || list.getUint32(at, true) !== CENTRAL) throw fault(`entry ${index} of its list is none`);
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((field) => list.getUint16(at + field, true));
    const next = at + 46 + nameLength + extraLength + commentLength;
    if (next > length) throw fault(`entry ${index} lies outside its list`);
    const name = new TextDecoder().decode(new Uint8Array(list.buffer, list.byteOffset + at + 46, nameLength));
    if (list.getUint16(at + 8, true) & 1) throw fault(`"${name}" is encrypted`);
    const [method, stored] = [list.getUint16(at + 10, true), list.getUint32(at + 20, true)];
    if (method !== 0) throw fault(`"${name}" is compressed, by method ${method}`);
    const extra = new DataView(list.buffer, list.byteOffset + at + 46 + nameLength, extraLength);
    const [whole, packed, header] = inFull(
      [list.getUint32(at + 24, true), stored, list.getUint32(at + 42, true)],
      extra,
    );
    if (whole !== packed || header + 30 + packed > size) throw fault(`"${name}" lies outside the file`);
    const place = await dataOffset(read, header);
    if (place + packed > size) throw fault(`"${name}" lies outside the file`);
    if (entries.has(name)) throw fault(`"${name}" is there twice`);
    entries.set(name, { offset: place, byteLength: packed });
    at = next;
  }
  return entries;
}

async function placeOfList(read: ReadAt, size: number): Promise<{ offset: number; length: number; count: number }> {
  const start = Math.max(0, size - LONGEST_END);
  const end = viewOf(await read(start, size - start));
  let at = end.byteLength - 22;
  while (at >= 0 && end.getUint32(at, true) !== END) at--;
  if (at < 0) throw fault("it has no end; was it cut short?");
  const short = {
    count: end.getUint16(at + 10, true),
    length: end.getUint32(at + 12, true),
    offset: end.getUint32(at + 16, true),
  };
  if (short.count !== 0xffff && short.length !== IN_64_BITS && short.offset !== IN_64_BITS) return short;
  if (at < 20 || end.getUint32(at - 20, true) !== PLACE_OF_END_64) throw fault("it has no end of 64 bits");
  const place = wide(end, at - 12);
  if (place + 56 > size) throw fault("its end of 64 bits lies outside the file");
  const long = viewOf(await read(place, 56));
  if (long.getUint32(0, true) !== END_64) throw fault("its end of 64 bits is none");
  return { count: wide(long, 32), length: wide(long, 40), offset: wide(long, 48) };
}

/** Numbers of 32 bits, each that says so replaced by the next of the extra field of 64 bits. */
function inFull(numbers: number[], extra: DataView): number[] {
  let from = -1, to = -1;
  for (let at = 0; at + 4 <= extra.byteLength;) {
    const length = extra.getUint16(at + 2, true);
    if (extra.getUint16(at, true) === EXTRA_64) [from, to] = [at + 4, Math.min(at + 4 + length, extra.byteLength)];
    at += 4 + length;
  }
  return numbers.map((number) => {
    if (number !== IN_64_BITS) return number;
    if (from < 0 || from + 8 > to) throw fault("a number of 64 bits is not there");
    const full = wide(extra, from);
    from += 8;
    return full;
  });
}

/** Where an entry's bytes begin: behind a head of its own, whose length only it knows. */
async function dataOffset(read: ReadAt, header: number): Promise<number> {
  const view = viewOf(await read(header, 30));
  if (view.getUint32(0, true) !== LOCAL) throw fault(`there is no entry at byte ${header}`);
  return header + 30 + view.getUint16(26, true) + view.getUint16(28, true);
}
