/**
 * Whether files exist.
 *
 * @module
 */
import { namedError } from "./read_text.ts";

/**
 * Whether there is a file or folder of that name.
 *
 * @throws {Error} If this cannot be determined.
 */
export async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return false;
    throw await namedError(path, error);
  }
}

/** Whether there is a folder of that name; an {@linkcode Error} names it if this cannot be determined. */
export async function isFolder(path: string): Promise<boolean> {
  return await exists(path) && (await Deno.stat(path)).isDirectory;
}

/** Whether there is a file of that name that this program may look at. */
export function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch (error) {
    const { NotADirectory, NotCapable, NotFound } = Deno.errors;
    if ([NotADirectory, NotCapable, NotFound].some((kind) => error instanceof kind)) return false;
    throw error;
  }
}
