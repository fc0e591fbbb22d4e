/**
 * Reads JSON the same way everywhere: every error names the file, the line and the column.
 *
 * @module
 */
import { lineAndColumn, scanJson, type ScanJsonOptions } from "./json_fault.ts";
import { serverError } from "./file_kinds.ts";
import { readText } from "./read_text.ts";

/** The error for a text that is not JSON. */
export class JsonError extends SyntaxError {
  /** The position in words: "line 3, column 7". */
  readonly place: string;
  /** What is wrong there: "it is not JSON: …". */
  readonly reason: string;

  /**
   * Makes the error.
   *
   * @param name What messages call the text.
   * @param options The position, and what is wrong there.
   */
  constructor(name: string, { place, reason }: { place: string; reason: string }) {
    super(`Cannot read ${name}, ${place}: ${reason}`);
    this.name = "JsonError";
    [this.place, this.reason] = [place, reason];
  }
}

/** Options for {@linkcode parseJson}. */
export interface ParseJsonOptions extends ScanJsonOptions {
  /** What messages call the text, for instance its path. */
  name: string;
  /**
   * The number of its first line.
   *
   * @default {1}
   */
  firstLine?: number;
}

/**
 * What only a closer look finds in a text that `JSON.parse` accepts: half a surrogate pair, or a number that overflows.
 */
const SUSPECT = /\\u[dD][89a-fA-F]|\d[eE]\+?\d{3}|\d{300}|[\ud800-\udfff]/;

/**
 * Parses JSON.
 *
 * @param text The text; a leading byte-order mark is dropped.
 * @param options Its name, and whether a key may be duplicated.
 * @returns The value.
 * @throws {JsonError} If it is not JSON, holds a number out of range or half a surrogate pair, or, if keys must be
 * unique, has a duplicate key. The message names text, line and column.
 */
export function parseJson(text: string, options: ParseJsonOptions): unknown {
  const { name, firstLine = 1, uniqueKeys = false, onElement } = options;
  const plain = text.startsWith("\ufeff") ? text.slice(1) : text;
  let value: unknown;
  let failure: SyntaxError | undefined;
  try {
    value = JSON.parse(plain);
  } catch (error) {
    failure = error as SyntaxError;
  }
  if (!failure && !uniqueKeys && !onElement && !SUSPECT.test(plain)) return value;
  const fault = scanJson(plain, { uniqueKeys, onElement });
  if (!fault && !failure) return value;
  const { line, column } = lineAndColumn(plain, fault?.index ?? 0);
  const reason = `${failure ? "it is not JSON: " : ""}${fault?.what ?? failure!.message}`;
  throw new JsonError(name, { place: `line ${line + firstLine - 1}, column ${column}`, reason });
}

/**
 * Reads a file that holds a JSON object.
 *
 * @param path The file.
 * @param options Whether a key may be duplicated; its last value then counts, as in Python.
 * @returns The object.
 * @throws {Deno.errors.NotFound} If there is no such file; the message names it.
 * @throws {SyntaxError} If it holds something else; the message names the file and the position.
 */
export async function readJsonFile(
  path: string,
  { uniqueKeys = false }: Pick<ScanJsonOptions, "uniqueKeys"> = {},
): Promise<Record<string, unknown>> {
  return notAnError(asObject(parseJson(await readText(path), { name: path, uniqueKeys }), path), path);
}

/**
 * Checks that an object is not an error that a server sent instead of a file.
 *
 * @param json The object.
 * @param name What messages call the file.
 * @returns The object.
 * @throws {SyntaxError} If it is one; the message has its text.
 */
export function notAnError(json: Record<string, unknown>, name: string): Record<string, unknown> {
  const error = serverError(json);
  if (error === undefined) return json;
  throw new SyntaxError(`Cannot read ${name}: it is a server's error message, not the file: ${error}`);
}

/**
 * Checks that a value is a JSON object.
 *
 * @param value The value.
 * @param name What messages call it.
 * @throws {SyntaxError} If it is something else.
 */
export function asObject(value: unknown, name: string): Record<string, unknown> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new SyntaxError(`Cannot read ${name}: it must hold a JSON object, it holds ${kindOf(value)}`);
}

/** What kind of JSON a value is, in words. */
export function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "an object";
  return typeof value === "string" ? "a string" : typeof value === "number" ? "a number" : String(value);
}
