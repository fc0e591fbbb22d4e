/**
 * JSON objects in files that a user has written.
 *
 * @module
 */
import { jsonErrorPlace } from "./json_error.ts";
import { UsageError } from "./usage_error.ts";

/** What a file is, for messages. */
export interface JsonObjectKind {
  /** Its name, as in `"configuration"`. */
  what: string;
  /** An object that would do, as JSON. */
  example: string;
}

/**
 * Reads a file that holds a JSON object.
 *
 * @throws {UsageError} If it is missing, cannot be read, or holds something else; the message names the file and, of what
 * is no JSON, the place.
 */
export async function readUserObject(
  path: string,
  { what, example }: JsonObjectKind,
): Promise<Record<string, unknown>> {
  const fail = (reason: string, cause?: unknown) =>
    new UsageError(`Cannot read the ${what} ${path}: ${reason}`, { cause });
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (error) {
    throw fail(error instanceof Deno.errors.NotFound ? "there is no such file" : (error as Error).message, error);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const place = jsonErrorPlace(text);
    throw fail(place ? `line ${place.line}, column ${place.column} is not JSON` : (error as Error).message, error);
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw fail(`a JSON object is needed, ${example} for instance`);
}
