/**
 * JSON objects in files.
 *
 * @module
 */
import { exists } from "../files/exists.ts";

/**
 * Reads a file that holds a JSON object.
 *
 * @throws {Deno.errors.NotFound} If there is no such file.
 * @throws {SyntaxError} If it holds something else; the message names the file.
 */
export async function readJsonObject(path: string): Promise<Record<string, unknown>> {
  let json: unknown;
  try {
    json = JSON.parse(await Deno.readTextFile(path));
  } catch (error) {
    if (error instanceof SyntaxError) throw new SyntaxError(`Cannot read ${path}: ${error.message}`, { cause: error });
    if (error instanceof Deno.errors.NotFound) {
      throw new Deno.errors.NotFound(`Cannot load a model: there is no ${path}`, { cause: error });
    }
    throw error;
  }
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    throw new SyntaxError(`Cannot read ${path}: it must hold a JSON object`);
  }
  return json as Record<string, unknown>;
}

/** Reads a file that holds a JSON object; nothing where there is no such file. */
export async function readJsonObjectIfThere(path: string): Promise<Record<string, unknown> | undefined> {
  return await exists(path) ? await readJsonObject(path) : undefined;
}
