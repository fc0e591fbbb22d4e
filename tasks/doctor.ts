/**
 * Checks an engine on this machine, line by line: arithmetic, models, training, memory, speed. A line that fails stops
 * nothing, neither does one that ends its process; status 1 where one failed.
 *
 *     deno task doctor                                  the fastest engine there is
 *     deno task doctor --engine torch --device cuda     a GPU
 *     deno task doctor --engine wasm --only memory --leak-steps 1000
 *     deno bundle tasks/doctor.ts -o doctor.js          one file for a machine without network
 */
import { resolve } from "node:path";
import { z } from "zod";
import { ENGINE_NAMES } from "../lib/engines/engines.ts";
import { runTask } from "./support/run_task.ts";
import { parseTask } from "./support/schema.ts";

const schema = z.strictObject({
  engine: z.enum(["auto", ...ENGINE_NAMES]).default("auto").describe("the engine; auto takes the fastest there is"),
  device: z.string().default("cpu").describe("the engine's device: cpu, cuda or cuda:0"),
  only: z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]).optional().describe(
    "a check to run; several where the flag is repeated",
  ),
  leakSteps: z.int().min(40).default(200).describe("steps of the check of memory"),
  minutes: z.number().positive().default(8.5).describe("time for all checks; those that it does not reach are skipped"),
  output: z.string().default("runs/doctor").describe("folder of doctor.json and doctor.md"),
  python: z.string().optional().describe("a Python with PyTorch, to compare with; .python or python3 if absent"),
  torch: z.string().optional().describe("folder of the PyTorch whose libraries are checked; AMID_TORCH if absent"),
});

/** This file, or the one that it was bundled into. */
const program = import.meta.url;

/**
 * Runs the task.
 *
 * @param args The flags.
 * @returns The exit status: 1 where a line failed.
 */
export async function main(args: readonly string[]): Promise<number> {
  // A process of the task itself, which carries out a part.
  if (args[0] === "--order") return await (await import("./doctor/orders.ts")).carryOut(JSON.parse(args[1]), program);
  const description = "Check an engine on this machine, line by line; nothing stops at the first failure.";
  const help = {
    first: ["engine", "device"] as const,
    examples: ["deno task doctor", "deno task doctor --engine torch --device cuda"],
  };
  const { config } = await parseTask({ name: "doctor", description, schema, args, help });
  // The checks load what they check, of which the help needs nothing.
  const { examine } = await import("./doctor/examine.ts");
  const { setProgram } = await import("./doctor/command.ts");
  const { countsOf } = await import("./doctor/lines.ts");
  const { writeResult } = await import("./doctor/write_result.ts");
  setProgram(program);
  const output = resolve(config.output);
  await Deno.mkdir(output, { recursive: true });
  const only = config.only === undefined ? undefined : [config.only].flat();
  const result = await examine({ ...config, only, output });
  const files = await writeResult(result, output);
  const counts = countsOf(result);
  console.log(`${counts.ok} ok, ${counts["not ok"]} not ok, ${counts.skipped} skipped; ${files.join(", ")}`);
  return counts["not ok"] > 0 ? 1 : 0;
}

if (import.meta.main) await runTask(main);
