/**
 * Runs notebooks with Jupyter's client in Python and the kernel of this very Deno.
 *
 * @module
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Notebook, parseNotebook } from "../../lib/notebooks/notebook_file.ts";

/** How notebooks are run. */
export interface NotebookRunner {
  /** The Python that has nbclient. */
  python: string;
  /** Where the kernel's description and the executed notebooks are written. */
  folder: string;
  /** Seconds that a cell may take. */
  seconds: number;
}

/** The outcome of a notebook's run. */
export interface NotebookRun {
  /** The notebook with its outputs, as far as it came. */
  notebook: Notebook;
  /** The cell that failed, counted from 1, and why. */
  failure?: { cell: number; error: string };
}

const driver = fileURLToPath(new URL("./run_notebook.py", import.meta.url));
const modules = ["nbclient", "nbformat"];
const mend = "python3 -m venv .python && .python/bin/pip install nbclient==0.11.0";

/**
 * Finds a Python that has Jupyter's client: the one that `AMID_PYTHON` names, else that of the virtual environment
 * `.python`, else the one on the `PATH`.
 *
 * @param environment Looks up an environment variable.
 * @returns The program.
 * @throws {Error} If there is no such Python; the message has the command that makes one.
 */
export function findJupyter(environment: (name: string) => string | undefined): string {
  const named = environment("AMID_PYTHON");
  const candidates = named ? [named] : [fileURLToPath(new URL("../../.python/bin/python", import.meta.url)), "python3"];
  const tried = candidates.map((python) => ({ python, lacks: lackOf(python) }));
  const found = tried.find(({ lacks }) => lacks === undefined);
  if (found) return found.python;
  const reasons = tried.map(({ python, lacks }) => `${python} ${lacks}`).join(", ");
  throw new Error(`Cannot run notebooks: a Python with nbclient is needed, ${reasons}; to fix it: ${mend}`);
}

function lackOf(python: string): string | undefined {
  try {
    const program = "import sys, importlib.util as u; sys.exit(any(u.find_spec(m) is None for m in sys.argv[1:]))";
    const { success } = new Deno.Command(python, { args: ["-c", program, ...modules] }).outputSync();
    return success ? undefined : "lacks it";
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "is not there";
    // A program that is absent has no permission either: `allow_run.ts` passes it over.
    if (error instanceof Deno.errors.NotCapable) return "is not there";
    if (error instanceof Deno.errors.PermissionDenied) return "is not a program that may be run";
    throw error;
  }
}

/**
 * Describes the kernel to Jupyter, in a folder of its own: nothing is installed into the system.
 *
 * @param folder The folder, which becomes `JUPYTER_PATH`.
 * @param program The Deno that is the kernel; this one if absent.
 * @throws {Error} If it cannot be written; the message names the remedy.
 */
export async function writeKernel(folder: string, program = Deno.execPath()): Promise<void> {
  const description = {
    argv: [program, "jupyter", "--kernel", "--conn", "{connection_file}"],
    display_name: "Deno",
    language: "typescript",
  };
  const place = join(folder, "kernels", "deno");
  try {
    await Deno.mkdir(place, { recursive: true });
    await Deno.writeTextFile(join(place, "kernel.json"), JSON.stringify(description));
  } catch (cause) {
    const why = (cause as Error).message;
    const refused = cause instanceof Deno.errors.NotCapable;
    const mend = refused ? `permit it with --allow-write=${folder}` : `to fix it: chmod -R u+w ${folder}`;
    throw new Error(`Cannot write into ${folder}: ${why}; ${mend}, or --folder OTHER`, { cause });
  }
}

/**
 * Runs one notebook, its folder being the current one.
 *
 * @param path The notebook.
 * @param runner Python, folder and patience.
 * @returns The notebook with outputs, and the failure if there was one.
 * @throws {Error} If it could not even be started.
 */
export async function runNotebook(path: string, { python, folder, seconds }: NotebookRunner): Promise<NotebookRun> {
  const executed = join(folder, `executed-${crypto.randomUUID()}.ipynb`);
  const command = new Deno.Command(python, {
    args: [driver, path, executed, String(seconds)],
    env: { JUPYTER_PATH: folder, NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1", PYTHONWARNINGS: "ignore" },
  });
  try {
    const { success, stdout, stderr } = await command.output();
    if (!success) {
      const last = new TextDecoder().decode(stderr).trim().split("\n").slice(-12).join("\n");
      throw new Error(`Cannot run ${path}: Jupyter's client ended with\n${last}`);
    }
    const said = JSON.parse(new TextDecoder().decode(stdout).trim().split("\n").at(-1)!);
    const notebook = parseNotebook(await Deno.readTextFile(executed), executed);
    return { notebook, failure: said.error === undefined ? undefined : said };
  } finally {
    await Deno.remove(executed).catch(() => {});
  }
}
