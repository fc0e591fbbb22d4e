/**
 * Lists the engines, which of them are present, and how fast they are.
 *
 *     deno task engines
 */
import { surveyEngines } from "../lib/engines/survey.ts";
import { runTask } from "./support/run_task.ts";
import { formatTable } from "./support/table.ts";
import { UsageError } from "./support/usage_error.ts";

await runTask(async (args) => {
  if (args.length > 0) throw new UsageError(`deno task engines takes no arguments, got ${args.join(" ")}`);
  const engines = await surveyEngines();
  const head = ["engine", "present", "version", "device", "GFLOP/s", "small operation µs"];
  console.log(formatTable(
    [
      head,
      ...engines.map((engine) =>
        engine.present
          ? [engine.name, "yes", engine.version, engine.device, engine.gigaflops, engine.smallOperation]
          : [engine.name, "no", undefined, undefined, undefined, undefined]
      ),
    ],
    { decimals: 1 },
  ));
  for (const engine of engines) if (!engine.present) console.log(`\n${engine.name}: ${engine.missing}`);
});
