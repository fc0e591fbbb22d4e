/**
 * Lists the engines, which of them are present, and how fast they are.
 *
 *     deno task engines
 */
import { z } from "zod";
import { runTask } from "./support/run_task.ts";
import { parseTask } from "./support/schema.ts";
import { formatTable } from "./support/table.ts";

/**
 * Runs the task.
 *
 * @param args The flags; only those of every task are accepted.
 */
export async function main(args: readonly string[]): Promise<void> {
  const description = "List the engines, which of them are available, and how fast they are.";
  await parseTask({ name: "engines", description, schema: z.strictObject({}), args });
  const { surveyEngines } = await import("../lib/engines/survey.ts"); // of which the help needs nothing
  const engines = await surveyEngines();
  const head = ["engine", "present", "version", "device", "computes with", "GFLOP/s", "small operation µs"];
  console.log(formatTable(
    [
      head,
      ...engines.map((engine) =>
        engine.present
          ? [engine.name, "yes", engine.version, engine.device, engine.means, engine.gigaflops, engine.smallOperation]
          : [engine.name, "no", undefined, undefined, undefined, undefined, undefined]
      ),
    ],
    { decimals: 1 },
  ));
  for (const engine of engines) if (!engine.present) console.log(`\n${engine.name}: ${engine.missing}`);
}

if (import.meta.main) await runTask(main);
