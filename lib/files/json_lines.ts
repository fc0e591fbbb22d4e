/**
 * JSON lines files: one value per line, or all values in one list.
 *
 * @module
 */
import { lineAndColumn } from "./json_fault.ts";
import { JsonError, parseJson } from "./parse_json.ts";
import type { NumberedLine } from "./read_lines.ts";
import { readLines } from "./read_lines.ts";

/** A value of a JSON lines file. */
export interface JsonLine {
  /** The value. */
  value: unknown;
  /** The line on which it starts, from 1. */
  line: number;
}

/**
 * Reads a JSON lines file, value by value; it may be larger than memory. Blank lines are skipped. A file whose first
 * character is `[` may instead hold one list, whose elements are then the values; it is read whole.
 *
 * @param path The file: UTF-8, with or without a byte-order mark, lines ending in LF, CRLF or CR.
 * @returns The values with the lines on which they start.
 * @throws {JsonError} If a line is not JSON, or has a duplicate key; the message names the file, the line and the
 * column.
 * @throws {SyntaxError} If the file is not UTF-8.
 * @throws {Error} If it cannot be read; the message names it.
 */
export function readJsonLines(path: string): AsyncGenerator<JsonLine, void> {
  return jsonLinesOf(readLines(path), path);
}

/**
 * Parses the text of such a file.
 *
 * @param text The text.
 * @param options What messages call it.
 * @returns The values with the lines on which they start.
 * @throws {JsonError} If a line is not JSON, or has a duplicate key.
 */
export function parseJsonLines(text: string, { name }: { name: string }): JsonLine[] {
  const listed = listOf(text, name);
  if (listed) return listed;
  return text.split("\n").flatMap((text, index) => valuesOf({ text, number: index + 1 }, name));
}

async function* jsonLinesOf(lines: AsyncIterable<NumberedLine>, name: string): AsyncGenerator<JsonLine, void> {
  let held: string[] | undefined;
  let begun = false;
  for await (const line of lines) {
    if (!begun && line.text.trim() !== "") {
      begun = true;
      if (line.text.trimStart().startsWith("[")) held = Array(line.number - 1).fill("");
    }
    if (held) held.push(line.text);
    else yield* valuesOf(line, name);
  }
  if (held) yield* parseJsonLines(held.join("\n"), { name });
}

/** The elements of a text that is one list. One list per line, which it might also be, is never one list as a whole. */
function listOf(text: string, name: string): JsonLine[] | undefined {
  const plain = text.replace(/^\ufeff/, "");
  if (!plain.trimStart().startsWith("[")) return undefined;
  const starts: number[] = [];
  try {
    const list = parseJson(plain, { name, uniqueKeys: true, onElement: (index) => starts.push(index) }) as unknown[];
    return list.map((value, place) => ({ value, line: lineAndColumn(plain, starts[place]).line }));
  } catch (error) {
    // If the first line alone is a list, the file has one value per line, and the fault is reported there.
    const [first, ...rest] = plain.trimStart().split("\n");
    if (rest.some((line) => line.trim() !== "") && isJson(first)) return undefined;
    throw error;
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function valuesOf({ text, number }: NumberedLine, name: string): JsonLine[] {
  const plain = text.replace(/^\ufeff/, "");
  if (plain.trim() === "") return [];
  try {
    return [{ value: parseJson(plain, { name, firstLine: number, uniqueKeys: true }), line: number }];
  } catch (error) {
    // A lone CR does not end a line for other readers.
    if (plain.trim().includes("\r")) {
      return plain.split("\r").flatMap((text, index) => valuesOf({ text, number: number + index }, name));
    }
    if (!(error instanceof JsonError) || !error.reason.endsWith("it ends too early")) throw error;
    const { place } = error;
    const reason = "it is not JSON: the line ends within a value; each value must be on one line, or all in one list";
    throw new JsonError(name, { place, reason });
  }
}
