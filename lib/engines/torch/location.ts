/**
 * Where libtorch lies.
 *
 * @module
 */
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { engineFolder } from "../folder.ts";

/** The variable that names another PyTorch: the folder of its libraries, or of the Python package. */
export const LOCATION_VARIABLE = "AMID_TORCH";

/** A folder in which libtorch's libraries are to be found, and who says so. */
export interface LibraryLocation {
  folder: string;
  origin: "variable" | "installed";
}

/** The folder that `AMID_TORCH` names, if the program may read that variable and it is set. */
export function namedLibraries(): string | undefined {
  const permitted = Deno.permissions.querySync({ name: "env", variable: LOCATION_VARIABLE }).state === "granted";
  const named = permitted ? Deno.env.get(LOCATION_VARIABLE) : undefined;
  if (!named) return undefined;
  return /[\\/]lib[\\/]?$/.test(named) ? resolve(named) : resolve(named, "lib");
}

/** The folder of the libraries in an engine's folder that `deno task engine torch` filled. */
export function librariesIn(folder: URL): string {
  return join(fileURLToPath(folder), "torch", "lib");
}

/**
 * The folder of libtorch's libraries: the one that `AMID_TORCH` names, else the one that `deno task engine torch` fills.
 * Nothing is opened.
 */
export function locateLibraries(): LibraryLocation {
  const named = namedLibraries();
  if (named) return { folder: named, origin: "variable" };
  return { folder: librariesIn(engineFolder("torch")), origin: "installed" };
}
