/**
 * JSON objects in files.
 *
 * @module
 */
import { dirname } from "node:path";
import { exists } from "../files/exists.ts";
import { readJsonFile } from "../files/parse_json.ts";

/**
 * Reads a file that holds a JSON object.
 *
 * @throws {Deno.errors.NotFound} If there is no such file.
 * @throws {SyntaxError} If it holds something else; the message names the file.
 */
export async function readJsonObject(path: string): Promise<Record<string, unknown>> {
  try {
    return await readJsonFile(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw await missing(path, error);
  }
}

/**
 * Calls a reader of a parsed config.json, and adds the file's path to its errors.
 *
 * @param path The file.
 * @param read Reads the object.
 * @throws {Error} What `read` throws, an error of the same kind.
 */
export function readingConfig<Result>(path: string, read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof RangeError || error instanceof TypeError)) throw error;
    const message = error.message.replace(/^Cannot read config\.json\b/, () => `Cannot read ${path}`);
    if (message === error.message) throw error;
    throw error instanceof RangeError
      ? new RangeError(message, { cause: error })
      : new TypeError(message, { cause: error });
  }
}

async function missing(path: string, cause: Error): Promise<Error> {
  const folder = dirname(path);
  const place = await Deno.stat(folder).catch(() => undefined);
  const reason = !place
    ? `there is no ${path}, nor its folder`
    : !place.isDirectory
    ? `its folder is needed, ${folder} is a file`
    : cause.message.includes("link")
    ? cause.message.replace(/^Cannot read /, "")
    : `there is no ${path}`;
  return new Deno.errors.NotFound(`Cannot load a model: ${reason}`, { cause });
}

/** Reads a file that holds a JSON object; undefined if there is no such file. */
export async function readJsonObjectIfThere(path: string): Promise<Record<string, unknown> | undefined> {
  return await exists(path) ? await readJsonObject(path) : undefined;
}
