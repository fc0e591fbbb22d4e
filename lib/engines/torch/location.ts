/**
 * Where libtorch lies.
 *
 * @module
 */
import { isAbsolute, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** The variable that names another PyTorch: the folder of its libraries, or of the Python package. */
export const LOCATION_VARIABLE = "AMID_TORCH";

/** The folder that `deno task engine torch` fills, inside {@linkcode enginesFolder}. */
export const INSTALLED_LIBRARIES = "torch/torch/lib";

/** The git-ignored folder of the engines' libraries: beside this checkout's `lib`, or in the working folder. */
export function enginesFolder(): string {
  return import.meta.url.startsWith("file:")
    ? fileURLToPath(new URL("../../../.engines", import.meta.url))
    : resolve(".engines");
}

/** A folder in which libtorch's libraries are to be found, and who says so. */
export interface LibraryLocation {
  folder: string;
  origin: "variable" | "installed";
}

/**
 * The folder of libtorch's libraries: the one that `AMID_TORCH` names, if the program may read that variable and it is
 * set, else the one that `deno task engine torch` fills. Nothing is opened.
 */
export function locateLibraries(): LibraryLocation {
  const permitted = Deno.permissions.querySync({ name: "env", variable: LOCATION_VARIABLE }).state === "granted";
  const named = permitted ? Deno.env.get(LOCATION_VARIABLE) : undefined;
  if (!named) return { folder: join(enginesFolder(), INSTALLED_LIBRARIES), origin: "installed" };
  const folder = isAbsolute(named) ? named : resolve(named);
  return { folder: /[\\/]lib[\\/]?$/.test(folder) ? folder : join(folder, "lib"), origin: "variable" };
}
