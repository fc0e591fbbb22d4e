/**
 * The GGUF file that a path refers to.
 *
 * @module
 */
import { exists } from "../exists.ts";

/** Files that hold no language model: image projectors and importance matrices. */
const OTHER_FILES = /^(mmproj|imatrix)|\bimatrix\b/i;

/**
 * Finds the GGUF file of a path.
 *
 * @param path A file whose name ends in .gguf, or a folder.
 * @returns The file, or its first part if it is split; undefined if the path is neither, or a folder without such
 * files.
 * @throws {RangeError} If a folder holds several models; the message names them.
 */
export async function findGguf(path: string): Promise<string | undefined> {
  if (!await exists(path)) return undefined;
  if (!(await Deno.stat(path)).isDirectory) return /\.gguf$/i.test(path) ? path : undefined;
  const names = (await Array.fromAsync(Deno.readDir(path))).map(({ name }) => name).filter((name) =>
    /\.gguf$/i.test(name) && !OTHER_FILES.test(name) && !/-(?!00001)\d{5}-of-\d{5}\.gguf$/i.test(name)
  ).sort();
  if (names.length > 1) {
    throw new RangeError(`Cannot load ${path}: one GGUF file is needed, it has ${names.join(", ")}; name one of them`);
  }
  return names.length === 1 ? `${path}/${names[0]}` : undefined;
}
