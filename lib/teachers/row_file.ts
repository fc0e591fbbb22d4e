/**
 * A file of what is kept of some rows, in bytes.
 *
 * A file is a line of JSON, which says of what teacher it is, how its bytes are to be read, and what rows follow, each with
 * a hash of its bytes; and then those bytes, row after row. It is read a row at a time, and nothing in it is trusted
 * before it is checked.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { joinBytes } from "../files/join_bytes.ts";
import { writeTogether } from "../files/write_together.ts";

/** What all files of a folder have in common. */
export interface RowFileFormat {
  /** The hash of the teacher. */
  teacher: string;
  /** How the bytes are to be read. */
  type: string;
}

/** What is kept of a row. */
export interface RowBytes {
  /** The hash of the row. */
  row: string;
  bytes: Uint8Array<ArrayBuffer>;
}

/** The first line's entry for a row. */
export interface RowEntry {
  /** The hash of the row. */
  row: string;
  /** How many bytes it has. */
  bytes: number;
  /** Their hash. */
  sha256: string;
}

/** A file's first line, and where what follows begins. */
export interface RowFileHeader extends RowFileFormat {
  rows: RowEntry[];
  start: number;
}

/** No first line is longer than this. */
const LONGEST_LINE = 1 << 26;
const NEWLINE = 10;

/**
 * Writes a file atomically; several processes may do so at the same time.
 *
 * @param path The file; its folder exists.
 * @param file Its format, and the rows.
 * @throws {Error} If it cannot be written; the message names the file.
 */
export function writeRowFile(
  path: string,
  { teacher, type, rows }: RowFileFormat & { rows: readonly RowBytes[] },
): void {
  const entries = rows.map(({ row, bytes }): RowEntry => ({ row, bytes: bytes.length, sha256: sha256(bytes) }));
  const line = JSON.stringify({ teacher, type, rows: entries }) + "\n";
  writeTogether(path, [line, ...rows.map(({ bytes }) => bytes)]);
}

/**
 * Reads a file's first line, and checks that the file has the bytes that it announces.
 *
 * @param path The file.
 * @param wanted What the file must be of.
 * @throws {SyntaxError} If it is damaged, cut short, or of another teacher; the message names it.
 */
export function readRowFileHeader(path: string, wanted: RowFileFormat): RowFileHeader {
  using file = Deno.openSync(path, { read: true });
  return headerOf(file, path, wanted);
}

/**
 * Reads the bytes of one row.
 *
 * @param path The file.
 * @param wanted The row's hash, and what the file must be of.
 * @throws {SyntaxError} If the file is damaged, cut short, or of another teacher or other rows; the message names it.
 */
export function readRowFile(
  path: string,
  { row, ...wanted }: RowFileFormat & { row: string },
): Uint8Array<ArrayBuffer> {
  using file = Deno.openSync(path, { read: true });
  const { rows, start } = headerOf(file, path, wanted);
  const index = rows.findIndex((entry) => entry.row === row);
  if (index < 0) throw useless(path, `the row ${row} must be among them, it is not`);
  const { bytes: length, sha256: hash } = rows[index];
  const bytes = new Uint8Array(length);
  file.seekSync(rows.slice(0, index).reduce((sum, { bytes }) => sum + bytes, start), Deno.SeekMode.Start);
  for (let at = 0; at < length;) at += file.readSync(bytes.subarray(at))!;
  if (sha256(bytes) !== hash) throw useless(path, `row ${row} does not match its SHA-256`);
  return bytes;
}

function headerOf(file: Deno.FsFile, path: string, { teacher, type }: RowFileFormat): RowFileHeader {
  const { header, start } = readLine(file, path);
  if (header.teacher !== teacher) {
    throw useless(path, `they must be from the teacher ${teacher}, they are from ${header.teacher}`);
  }
  if (header.type !== type) throw useless(path, `they must be stored in ${type}, they are in ${header.type}`);
  const all = header.rows.reduce((sum, { bytes }) => sum + bytes, start);
  const { size } = file.statSync();
  if (size !== all) throw useless(path, `the file must have ${all} bytes, it has ${size}`);
  return { ...header, start };
}

function readLine(file: Deno.FsFile, path: string) {
  const parts: Uint8Array[] = [];
  for (let length = 0; length < LONGEST_LINE;) {
    const part = new Uint8Array(4096);
    const count = file.readSync(part);
    if (count === null) break;
    const end = part.subarray(0, count).indexOf(NEWLINE);
    parts.push(part.subarray(0, end < 0 ? count : end));
    if (end >= 0) return { header: parseLine(parts, path), start: length + end + 1 };
    length += count;
  }
  throw useless(path, "the file must start with a line of JSON, it does not");
}

function parseLine(parts: readonly Uint8Array[], path: string): RowFileFormat & { rows: RowEntry[] } {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(joinBytes(parts)));
  } catch {
    throw useless(path, "the file must start with a line of JSON, it does not");
  }
  const { teacher, type, rows } = (json ?? {}) as Record<string, unknown>;
  const isEntry = (entry: unknown) => {
    const { row, bytes, sha256 } = (entry ?? {}) as Record<string, unknown>;
    return typeof row === "string" && typeof sha256 === "string" && Number.isSafeInteger(bytes) && Number(bytes) >= 0;
  };
  if (typeof teacher !== "string" || typeof type !== "string" || !Array.isArray(rows) || !rows.every(isEntry)) {
    throw useless(path, "its first line must have teacher, type and rows, it does not");
  }
  return { teacher, type, rows };
}

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** An error about a file. */
export const useless = (path: string, reason: string): SyntaxError =>
  new SyntaxError(
    `Cannot use what is cached of the teacher in ${path}: ${reason}; delete the file, and it is recomputed`,
  );
