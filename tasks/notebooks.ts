/**
 * Runs the notebooks with Jupyter's own client and the Deno kernel, and fails on any error.
 *
 *     deno task notebooks --only 01_assistants,03_quickstart --keep-outputs
 */
import { join } from "node:path";
import { z } from "zod";
import { clearOutputs, slimOutputs } from "../lib/notebooks/notebook_file.ts";
import { chosenNotebooks, rewriteNotebook } from "./support/notebook_files.ts";
import { findJupyter, runNotebook, writeKernel } from "./support/notebook_runner.ts";
import { runTask } from "./support/run_task.ts";
import { is } from "./support/effects.ts";
import { parseTask } from "./support/schema.ts";
import { UsageError } from "./support/usage_error.ts";

const schema = z.strictObject({
  from: z.string().min(1).default("notebooks").describe("folder of the notebooks"),
  only: z.string().default("").describe("names of the notebooks, joined by commas; all if absent"),
  keepOutputs: z.boolean().default(false).describe("write the outputs into the notebooks, figures as SVG"),
  clear: z.boolean().default(false).describe("remove the outputs from the notebooks, without running them"),
  seconds: z.int().min(1).default(300).describe("time limit per cell, in seconds"),
  folder: z.string().min(1).default(".jupyter").describe("folder for the kernel's description and temporary files"),
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
