/**
 * Runs the notebooks with Jupyter's own client and the Deno kernel, and fails on any error.
 *
 *     deno task notebooks --only 01_assistants,03_quickstart --keep-outputs
 */
import { join } from "node:path";
import { z } from "zod";
import { writeAtomically } from "../lib/files/atomic_write.ts";
import { clearOutputs, formatNotebook, parseNotebook, slimOutputs } from "../lib/notebooks/notebook_file.ts";
import { findJupyter, runNotebook, writeKernel } from "./support/notebook_runner.ts";
import { runTask } from "./support/run_task.ts";
import { is } from "./support/effects.ts";
import { parseTask } from "./support/schema.ts";
import { UsageError } from "./support/usage_error.ts";

const schema = z.strictObject({
  from: z.string().min(1).default("notebooks").describe("folder of the notebooks"),
  only: z.string().default("").describe("names of the notebooks, with commas between; all where it is empty"),
  keepOutputs: z.boolean().default(false).describe("write the outputs into the notebooks, figures as SVG"),
  clear: z.boolean().default(false).describe("take the outputs out of the notebooks, and run none"),
  seconds: z.int().min(1).default(300).describe("seconds that a cell may take"),
  folder: z.string().min(1).default(".jupyter").describe("folder for the kernel's description and what passes"),
});

const effects = [{ of: ["seconds", "folder"] as const, needs: [is("clear", false)] }];

/**
 * Runs the task.
 *
 * @param args The flags.
 * @returns The exit status: 0 if every cell of every notebook ran, else 1.
 */
export async function main(args: readonly string[]): Promise<number> {
  const description = "Run the notebooks.";
  const { config } = await parseTask({ name: "notebooks", description, schema, args, effects });
  const { from, only, keepOutputs, clear, seconds, folder } = config;
  if (keepOutputs && clear) throw new UsageError("Cannot use --clear: it is the opposite of --keep-outputs");
  const names = chosen(await namesIn(from), only);
  if (clear) {
    for (const name of names) await rewrite(join(from, name), clearOutputs);
    console.log(`cleared ${names.length} of ${names.length} notebooks`);
    return 0;
  }
  const python = findJupyter((name) => Deno.env.get(name));
  await writeKernel(folder);
  let failures = 0;
  for (const name of names) {
    const began = performance.now();
    const { notebook, failure } = await runNotebook(join(from, name), {
      python,
      folder: await Deno.realPath(folder),
      seconds,
    });
    const time = `${((performance.now() - began) / 1000).toFixed(1)} s`;
    console.log(`${name.padEnd(28)} ${time.padStart(8)}  ${failure ? "failed" : "ok"}`);
    if (failure) {
      failures += 1;
      console.error(`error: ${join(from, name)}, cell ${failure.cell}: ${failure.error}`);
    } else if (keepOutputs) await rewrite(join(from, name), () => slimOutputs(notebook));
  }
  console.log(`${names.length - failures} of ${names.length} notebooks ran without an error`);
  return failures > 0 ? 1 : 0;
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    const entries = await Array.fromAsync(Deno.readDir(folder));
    return entries.map(({ name }) => name).filter((name) => name.endsWith(".ipynb")).sort();
  } catch (cause) {
    throw new UsageError(`Cannot use --from: a folder of notebooks is needed, current value is ${folder}`, { cause });
  }
}

/** The notebooks that were asked for, by name, number or file. */
function chosen(names: readonly string[], only: string): string[] {
  const wanted = only.split(",").map((name) => name.trim().replace(/\.ipynb$/, "")).filter((name) => name !== "");
  const found = wanted.map((one) => {
    const name = names.find((name) => name === `${one}.ipynb` || name.startsWith(`${one}_`));
    if (name) return name;
    throw new UsageError(`Cannot use --only: one of ${names.join(", ")} is needed, current value is "${one}"`);
  });
  const all = wanted.length === 0 ? [...names] : found;
  if (all.length === 0) throw new UsageError("Cannot run notebooks: the folder must have one, it has none");
  return all;
}

async function rewrite(
  path: string,
  change: (notebook: ReturnType<typeof parseNotebook>) => ReturnType<typeof parseNotebook>,
) {
  const text = await Deno.readTextFile(path);
  const changed = formatNotebook(change(parseNotebook(text, path)));
  try {
    if (changed !== text) await writeAtomically(path, changed);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotCapable) throw cause; // the task's end says which flag permits it
    throw new Error(`${(cause as Error).message}; this mends it: chmod u+w ${path} and its folder`, { cause });
  }
}

if (import.meta.main) await runTask(main);
