/**
 * The files of notebooks.
 *
 * @module
 */
import { writeAtomically } from "../../lib/files/atomic_write.ts";
import { formatNotebook, type Notebook, parseNotebook } from "../../lib/notebooks/notebook_file.ts";
import { UsageError } from "./usage_error.ts";

/**
 * The notebooks that were requested, by name, number or file, joined by commas; all for an empty text.
 *
 * @throws {UsageError} If there is no such folder or notebook.
 */
export async function chosenNotebooks(folder: string, only: string): Promise<string[]> {
  const names = await namesIn(folder);
  const wanted = only.split(",").map((name) => name.trim().replace(/\.ipynb$/, "")).filter((name) => name !== "");
  const found = wanted.map((one) => {
    const name = names.find((name) => name === `${one}.ipynb` || name.startsWith(`${one}_`));
    if (name) return name;
    throw new UsageError(`Cannot use --only: one of ${names.join(", ")} is needed, current value is "${one}"`);
  });
  const all = wanted.length === 0 ? [...names] : found;
  if (all.length === 0) {
    throw new UsageError("Cannot run notebooks: the folder must have at least one, current count is 0");
  }
  return all;
}

/** Files of notebooks in a folder, sorted. */
async function namesIn(folder: string): Promise<string[]> {
  try {
    const entries = await Array.fromAsync(Deno.readDir(folder));
    return entries.map(({ name }) => name).filter((name) => name.endsWith(".ipynb")).sort();
  } catch (cause) {
    throw new UsageError(`Cannot use --from: a folder of notebooks is needed, current value is ${folder}`, { cause });
  }
}

/**
 * Changes a notebook's file.
 *
 * @throws {Error} If it cannot be written; the message names the remedy.
 */
export async function rewriteNotebook(path: string, change: (notebook: Notebook) => Notebook): Promise<void> {
  const text = await Deno.readTextFile(path);
  const changed = formatNotebook(change(parseNotebook(text, path)));
  try {
    if (changed !== text) await writeAtomically(path, changed);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotCapable) throw cause; // the task's end says which flag permits it
    throw new Error(`${(cause as Error).message}; to fix it: chmod u+w ${path} and its folder`, { cause });
  }
}
