/**
 * Where Jupyter looks for kernels, and programs that are there tomorrow as well.
 *
 * @module
 */
import { basename, join } from "node:path";
import { UsageError } from "./usage_error.ts";

/**
 * The user's data folder of Jupyter.
 *
 * @param system The operating system, as `Deno.build.os` has it.
 * @param environment Looks up an environment variable.
 * @throws {UsageError} If the variable that it follows from is not set.
 *
 * Source: jupyter_core 5, `paths.jupyter_data_dir`.
 */
export function jupyterFolder(system: string, environment: (name: string) => string | undefined): string {
  const named = environment("JUPYTER_DATA_DIR");
  if (named) return named;
  const wanted = (name: string): string => {
    const value = environment(name);
    if (value) return value;
    throw new UsageError(`Cannot find Jupyter's data folder: ${name} is not set; set it with --folder`);
  };
  if (system === "windows") return join(wanted("APPDATA"), "jupyter");
  if (system === "darwin") return join(wanted("HOME"), "Library", "Jupyter");
  return join(environment("XDG_DATA_HOME") || join(wanted("HOME"), ".local", "share"), "jupyter");
}

/** Folders from which programs go without anybody's doing: caches of npx, pnpm dlx, yarn dlx and bunx, and temporary ones. */
const passing = /[\\/](_npx|_cacache|dlx[^\\/]*|xfs-[^\\/]*|bunx-[^\\/]*|\.cache|Caches|[Tt]emp|tmp)[\\/]/;

/** Whether a program lies in a cache or a temporary folder. */
export const isPassing = (program: string): boolean => passing.test(program);

/**
 * Copies a program into a folder; one of the same size that is there stays.
 *
 * @returns The copy.
 */
export async function keepProgram(program: string, folder: string): Promise<string> {
  const copy = join(folder, basename(program));
  await Deno.mkdir(folder, { recursive: true });
  const [wanted, there] = await Promise.all([Deno.stat(program), Deno.stat(copy).catch(() => undefined)]);
  if (there?.size === wanted.size && (there.mtime ?? 0) >= (wanted.mtime ?? 0)) return copy;
  const beside = `${copy}.partial`; // a kernel may run from the copy
  await Deno.copyFile(program, beside);
  if (Deno.build.os !== "windows") await Deno.chmod(beside, 0o755);
  await Deno.rename(beside, copy);
  return copy;
}
