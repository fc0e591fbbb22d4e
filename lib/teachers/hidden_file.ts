/**
 * A file of teacher states: those of the rows of one company.
 *
 * @module
 */
import { bytesPerNumber, fromFloat32, toFloat32 } from "../models/weights/float_formats.ts";
import { readRowFile, useless, writeRowFile } from "./row_file.ts";
import { hiddenFormats, type HiddenType } from "./hidden_store.ts";

/** The states of one row. */
export interface RowHidden {
  /** The hash of the row. */
  row: string;
  /** float32 `[n · H′]`. */
  states: Float32Array<ArrayBuffer>;
}

/** What all files of a folder have in common. */
export interface HiddenFileFormat {
  /** The hash of the teacher. */
  teacher: string;
  /** How numbers are stored. */
  type: HiddenType;
}

/**
 * Writes a file atomically; several processes may do so at the same time.
 *
 * @param path The file; its folder exists.
 * @param rows The rows' states.
 * @throws {Error} If it cannot be written; the message names the file.
 */
export function writeHiddenFile(
  path: string,
  { teacher, type, rows }: HiddenFileFormat & { rows: readonly RowHidden[] },
): void {
  const packed = rows.map(({ row, states }) => ({ row, bytes: fromFloat32(states.slice(), hiddenFormats[type]) }));
  writeRowFile(path, { teacher, type, rows: packed });
}

/**
 * Reads the states of one row.
 *
 * @param path The file.
 * @param wanted The row's hash, how many numbers it must have, and what the file must be of.
 * @returns float32.
 * @throws {SyntaxError} If the file is damaged, cut short, or of another teacher or other rows; the message names it.
 */
export function readHiddenFile(
  path: string,
  { row, count, teacher, type }: HiddenFileFormat & { row: string; count: number },
): Float32Array<ArrayBuffer> {
  const bytes = readRowFile(path, { row, teacher, type });
  const format = hiddenFormats[type];
  const expected = count * bytesPerNumber[format];
  if (bytes.length === expected) return toFloat32(bytes, format);
  throw useless(path, `the row ${row} must have ${expected} bytes, it has ${bytes.length}`);
}
