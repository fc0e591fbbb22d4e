/**
 * A file of teacher states: those of the rows of one company.
 *
 * A file is a line of JSON, which says of what teacher the states are, how they are stored, and what rows follow, each
 * with a hash of its bytes; and then those bytes, row after row. It is read a row at a time, and nothing in it is
 * trusted before it is checked.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { writeTogether } from "../files/write_together.ts";
import { bytesPerNumber, fromFloat32, toFloat32 } from "../models/weights/float_formats.ts";
import { stateFormats, type StateType } from "./state_store.ts";

/** The states of one row. */
export interface RowStates {
  /** The hash of the row. */
  row: string;
  /** float32 `[n · H′]`. */
  states: Float32Array<ArrayBuffer>;
}

/** What all files of a folder have in common. */
export interface StateFileFormat {
  /** The hash of the teacher. */
  teacher: string;
  /** How numbers are stored. */
  type: StateType;
}

/** The first line's entry for a row. */
interface Entry {
  row: string;
  bytes: number;
  sha256: string;
}

/** No first line is longer than this. */
const LONGEST_LINE = 1 << 26;
const NEWLINE = 10;

/**
 * Writes a file atomically; several processes may do so at the same time.
 *
 * @param path The file; its folder exists.
 * @param rows The rows' states.
 * @throws {Error} If it cannot be written; the message names the file.
 */
export function writeStateFile(
  path: string,
  { teacher, type, rows }: StateFileFormat & { rows: readonly RowStates[] },
): void {
  const pieces = rows.map(({ states }) => fromFloat32(states.slice(), stateFormats[type]));
  const entries = rows.map(({ row }, i): Entry => ({ row, bytes: pieces[i].length, sha256: sha256(pieces[i]) }));
  const line = JSON.stringify({ teacher, type, rows: entries }) + "\n";
  writeTogether(path, [line, ...pieces]);
}

/**
 * Reads the states of one row.
 *
 * @param path The file.
 * @param wanted The row's hash, how many numbers it must have, and what the file must be of.
 * @returns float32.
 * @throws {SyntaxError} If the file is damaged, cut short, or of another teacher or other rows; the message names it.
 */
export function readStateFile(
  path: string,
  { row, count, teacher, type }: StateFileFormat & { row: string; count: number },
): Float32Array<ArrayBuffer> {
  using file = Deno.openSync(path, { read: true });
  const { header, start } = readLine(file, path);
  if (header.teacher !== teacher) {
    throw useless(path, `they must be from the teacher ${teacher}, they are from ${header.teacher}`);
  }
  if (header.type !== type) throw useless(path, `they must be stored in ${type}, they are in ${header.type}`);
  const all = header.rows.reduce((sum, { bytes }) => sum + bytes, start);
  const { size } = file.statSync();
  if (size !== all) throw useless(path, `the file must have ${all} bytes, it has ${size}`);
  const index = header.rows.findIndex((entry) => entry.row === row);
  if (index < 0) throw useless(path, `the row ${row} must be among them, it is not`);
  const format = stateFormats[type];
  const { bytes: length, sha256: hash } = header.rows[index];
  const expected = count * bytesPerNumber[format];
  if (length !== expected) throw useless(path, `the row ${row} must have ${expected} bytes, it has ${length}`);
  const bytes = new Uint8Array(length);
  file.seekSync(header.rows.slice(0, index).reduce((sum, { bytes }) => sum + bytes, start), Deno.SeekMode.Start);
  for (let at = 0; at < length;) at += file.readSync(bytes.subarray(at))!;
  if (sha256(bytes) !== hash) throw useless(path, `row ${row} does not match its SHA-256`);
  return toFloat32(bytes, format);
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

function parseLine(parts: readonly Uint8Array[], path: string): StateFileFormat & { rows: Entry[] } {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
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
  return { teacher, type: type as StateType, rows };
}

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

const useless = (path: string, reason: string): SyntaxError =>
  new SyntaxError(`Cannot use the teacher's states in ${path}: ${reason}; delete the file, and it is recomputed`);
