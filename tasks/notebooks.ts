/**
 * Runs the notebooks with Jupyter's own client and the Deno kernel, and fails on any error.
 *
 *     deno task notebooks --only 01_assistants,03_quickstart --keep-outputs
 */
import { join } from "node:path";
import { clearOutputs, slimOutputs } from "../lib/notebooks/notebook_file.ts";
import { chosenNotebooks, rewriteNotebook } from "./support/notebook_files.ts";
import { findJupyter, runNotebook, writeKernel } from "./support/notebook_runner.ts";
import { notebooksTask } from "./support/notebooks_setup.ts";
import { runTask } from "./support/run_task.ts";
import { parseTask } from "./support/schema.ts";
import { UsageError } from "./support/usage_error.ts";

/**
 * Runs the task.
 *
 * @param args The flags.
 * @returns The exit status: 0 if every cell of every notebook ran, else 1.
 */
export async function main(args: readonly string[]): Promise<number> {
  const { config } = await parseTask({ ...notebooksTask, args });
  const { from, only, keepOutputs, clear, seconds, folder } = config;
  if (keepOutputs && clear) throw new UsageError("Cannot use --clear: it is the opposite of --keep-outputs");
  const names = await chosenNotebooks(from, only);
  if (clear) {
    for (const name of names) await rewriteNotebook(join(from, name), clearOutputs);
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
    } else if (keepOutputs) await rewriteNotebook(join(from, name), () => slimOutputs(notebook));
  }
  console.log(`${names.length - failures} of ${names.length} notebooks ran without an error`);
  return failures > 0 ? 1 : 0;
}

if (import.meta.main) await runTask(main);
