/**
 * Gives Jupyter a Deno kernel that lasts: where this Deno lies in a cache, as npx's does, a copy of it becomes the kernel.
 *
 *     npx -y deno@2.9.6 task kernel
 */
import { join } from "node:path";
import { z } from "zod";
import { isPassing, jupyterFolder, keepProgram } from "./support/jupyter_folder.ts";
import { writeKernel } from "./support/notebook_runner.ts";
import { runTask } from "./support/run_task.ts";
import { parseTask } from "./support/schema.ts";

const schema = z.strictObject({
  folder: z.string().optional().describe("Jupyter's data folder; the user's own if absent"),
  copy: z.boolean().optional().describe(
    "use a copy of this Deno for the kernel; on if it is in a cache, otherwise off",
  ),
});

/**
 * Runs the task.
 *
 * @param args The flags.
 * @param deno The Deno that becomes the kernel.
 */
export async function main(args: readonly string[], deno = Deno.execPath()): Promise<void> {
  const description = "Install a permanent Deno kernel for Jupyter.";
  const help = { examples: ["deno task kernel", "jupyter kernelspec remove deno   # removes it"] };
  const { config } = await parseTask({ name: "kernel", description, schema, args, help });
  const { folder = jupyterFolder(Deno.build.os, (name) => Deno.env.get(name)), copy = isPassing(deno) } = config;
  const place = join(folder, "kernels", "deno");
  const program = copy ? await keepProgram(deno, place) : deno;
  await writeKernel(folder, program);
  console.log(`${join(place, "kernel.json")} starts ${program}${copy ? `, a copy of ${deno}` : ""}`);
}

if (import.meta.main) await runTask(main);
