/**
 * Writes the API reference of everything that the package exports, as HTML.
 *
 *     deno task docs
 */
import { z } from "zod";
import { entries } from "./support/entries.ts";
import { runTask } from "./support/run_task.ts";
import { parseTask } from "./support/schema.ts";

/**
 * Runs the task.
 *
 * @param args The flags.
 * @returns The exit status of `deno doc`.
 */
export async function main(args: readonly string[]): Promise<number> {
  const description = "Write the API reference of everything that the package exports into docs/api/, as HTML.";
  await parseTask({ name: "docs", description, schema: z.strictObject({}), args });
  const doc = ["doc", "--html", "--name=Amid", "--output=docs/api", ...Object.values(entries)];
  const { code } = await new Deno.Command(Deno.execPath(), { args: doc }).spawn().status;
  return code;
}

if (import.meta.main) await runTask(main);
