/**
 * The folder of a run: `runs/<name>/`.
 *
 * @module
 */
import { join } from "node:path";
import { UsageError } from "./usage_error.ts";

export { exists } from "../../lib/files/exists.ts";

/** Options for {@linkcode openRunFolder}. */
export interface OpenRunFolderOptions {
  /** @default {"runs"} */
  root?: string;
  /**
   * Whether to go on with the run that is there; `"auto"` begins one where there is none.
   *
   * @default {false}
   */
  resume?: boolean | "auto";
  /**
   * Whether to delete the run that is there.
   *
   * @default {false}
   */
  overwrite?: boolean;
}

/**
 * Checks that a name can be a folder of its own on every system.
 *
 * @throws {UsageError} If it is empty, longer than 100, begins with a dot or a dash, ends with a dot, or has signs other
 * than letters, digits, `.`, `_` and `-`.
 */
export function checkRunName(name: string): void {
  if (/^(?![.-])[\p{L}\p{N}._-]{1,100}$/u.test(name) && !name.endsWith(".")) return;
  throw new UsageError(
    "Cannot name a run so: 1 to 100 letters, digits, dots, dashes and underscores are needed, no dot or dash first, " +
      `current value is ${JSON.stringify(name)}`,
  );
}

function entriesOf(path: string): string[] | undefined {
  try {
    return [...Deno.readDirSync(path)].map(({ name }) => name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    if (error instanceof Deno.errors.NotADirectory) {
      throw new UsageError(`Cannot use ${path}: it is a file, a folder is needed; choose another --name`);
    }
    throw error;
  }
}

/**
 * Makes the folder of a run, or finds it where the run is to go on.
 *
 * @param name The run's name, see {@linkcode checkRunName}.
 * @param options Whether to go on, or to begin anew, where there is a run of that name.
 * @returns The folder's path.
 * @throws {UsageError} If the folder holds a run already and neither is asked for, if there is none to go on with, or if
 * what is to be overwritten does not look like a run.
 */
export async function openRunFolder(name: string, options: OpenRunFolderOptions = {}): Promise<string> {
  const { root = "runs", resume = false, overwrite = false } = options;
  checkRunName(name);
  const path = join(root, name);
  if (resume && overwrite) throw new UsageError(`Cannot open ${path}: --resume and --overwrite exclude each other`);
  const entries = entriesOf(path) ?? [];
  if (resume) {
    if (entries.includes("config.json")) return path;
    if (resume === "auto" && entries.every((name) => name.endsWith(".partial"))) {
      await Deno.mkdir(path, { recursive: true });
      return path;
    }
    throw new UsageError(`Cannot resume ${path}: there is no run of that name; leave --resume out to begin one`);
  }
  if (entries.length > 0 && !overwrite) {
    const ways = "--resume goes on with it, --overwrite begins anew, --name chooses another";
    throw new UsageError(`Cannot begin ${path}: it exists and is not empty; ${ways}`);
  }
  if (entries.length > 0 && !entries.includes("config.json")) {
    throw new UsageError(`Cannot overwrite ${path}: it does not look like a run, it holds no config.json`);
  }
  if (entries.length > 0) await Deno.remove(path, { recursive: true });
  await Deno.mkdir(path, { recursive: true });
  return path;
}
