/**
 * Instruction data from JSON lines files.
 *
 * @module
 */
import { aText, checkArguments } from "../arguments/check_arguments.ts";
import { parseJsonLines, readJsonLines } from "../files/json_lines.ts";
import { missingInput, readShape } from "./row_shapes.ts";
import type { InstructionFields, InstructionRow } from "./instruction_row.ts";

/** Options for {@linkcode readPlacedRows}. */
export interface ReadPlacedRowsOptions {
  /**
   * The file's names for its parts.
   *
   * @default {the usual ones}
   */
  names?: InstructionFields;
  /**
   * Whether the input that is named must be in some row; a few held-out rows may have none.
   *
   * @default {false}
   */
  needsInput?: boolean;
}

/** A row and its line. */
export interface PlacedRow {
  /** The row; its first answer may be empty. */
  row: InstructionRow;
  /** The line of the file on which it starts, from 1. */
  line: number;
}

/**
 * Reads a file of instructions.
 *
 * @param path The file: one JSON object per line, or a list of them, each in one of the shapes of
 * {@linkcode readShape}.
 * @returns Its rows, in order.
 * @throws {Error} If the file is missing, empty or has a broken row; the message names the file and the row's line.
 */
export async function readInstructions(path: string): Promise<InstructionRow[]> {
  checkArguments("read instructions", { path: [path, aText] });
  return answered(await readPlacedRows(path), path);
}

/**
 * Reads a file of instructions with their line numbers; answers may be empty.
 *
 * @param path The file, as for {@linkcode readInstructions}.
 * @param options The file's names for its parts.
 * @returns Its rows, in order.
 * @throws {Error} If the file is missing, empty or has a broken row, or if no row has an input that
 * must be there; the message names the file and the row's line.
 */
export async function readPlacedRows(path: string, options: ReadPlacedRowsOptions = {}): Promise<PlacedRow[]> {
  const { names = {}, needsInput = false } = options;
  const rows: PlacedRow[] = [];
  const keys = new Set<string>();
  try {
    for await (const { value, line } of readJsonLines(path)) {
      rows.push({ row: shaped(value, { path, line, names }), line });
      Object.keys(value as object).forEach((key) => keys.add(key));
    }
  } catch (cause) {
    throw renamed(cause as Error);
  }
  if (rows.length === 0) throw new Error(`Cannot read instructions: ${path} has no row`);
  const missing = needsInput ? missingInput(names, keys) : undefined;
  if (missing !== undefined) throw new Error(`Cannot read instructions: ${path}: ${missing}`);
  return rows;
}

/**
 * Parses the text of such a file; blank lines are skipped.
 *
 * @param text The text.
 * @param options Its name, for messages.
 * @returns Its rows, in order.
 * @throws {Error} If a row is broken or there are no rows; the message names the text and the row's line.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { parseInstructions } from "@amid/amid/datasets";
 *
 * const [row] = parseInstructions('{"instruction": "Name a wader.", "output": ["heron", "stork"]}', { name: "birds" });
 * assert(row.outputs[1] === "stork" && row.prompt.endsWith("### Response:\n"));
 * ```
 */
export function parseInstructions(text: string, { name }: { name: string } = { name: "the text" }): InstructionRow[] {
  checkArguments("read instructions", { text: [text, aText], name: [name, aText] });
  let rows: PlacedRow[];
  try {
    rows = parseJsonLines(text, { name }).map(({ value, line }) => ({
      row: shaped(value, { path: name, line }),
      line,
    }));
  } catch (cause) {
    throw renamed(cause as Error);
  }
  if (rows.length === 0) throw new Error(`Cannot read instructions: ${name} has no row`);
  return answered(rows, name);
}

function shaped(
  value: unknown,
  { path, line, names }: { path: string; line: number; names?: InstructionFields },
): InstructionRow {
  const row = readShape(value, names);
  if (typeof row === "string") throw new Error(`Cannot read instructions: ${path}, line ${line}: ${row}`);
  return row;
}

/** Rewords an error of the generic reader. */
function renamed({ message, cause }: Error): Error {
  return new Error(message.replace(/^Cannot read (?!instructions: )/, "Cannot read instructions: "), { cause });
}

function answered(rows: readonly PlacedRow[], path: string): InstructionRow[] {
  const empty = rows.find(({ row }) => row.outputs[0] === "");
  if (!empty) return rows.map(({ row }) => row);
  throw new Error(
    `Cannot read instructions: ${path}, line ${empty.line}: its answer must be a string or a list of strings, none of them ` +
      'empty, current value is ""',
  );
}
