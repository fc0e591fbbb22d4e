/**
 * JSON objects in files that a user has written.
 *
 * @module
 */
import { kindOf, parseJson } from "../../lib/files/parse_json.ts";
import { readText } from "../../lib/files/read_text.ts";
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
  let value: unknown;
  try {
    value = parseJson(await readText(path), { name: path, uniqueKeys: true });
  } catch (error) {
    throw new UsageError((error as Error).message.replace("Cannot read ", `Cannot read the ${what} `), {
      cause: error,
    });
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new UsageError(
    `Cannot read the ${what} ${path}: a JSON object is needed, ${example} for instance; it holds ${kindOf(value)}`,
  );
}
