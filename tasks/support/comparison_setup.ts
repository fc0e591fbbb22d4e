/**
 * The settings of the task comparison, and those that it compares.
 *
 * @module
 */
import { z } from "zod";
import type { Comparison } from "../../lib/figures/comparison/comparison.ts";
import { parseJson } from "../../lib/files/parse_json.ts";
import { readText } from "../../lib/files/read_text.ts";
import { UsageError } from "./usage_error.ts";

/** The settings of the task. */
export const comparisonSchema = z.strictObject({
  name: z.string().default("comparison").describe("the folder of the runs is runs/<name>/"),
  settings: z.string().default("tasks/configs/comparison.json").describe(
    'JSON list of settings: {"name", "title", "flags"}, the flags being those of deno task distill',
  ),
  seeds: z.string().default("1,2,3").describe("seeds, joined by commas; each draws rows and their order"),
  flags: z.string().default("--validate-every=50").describe(
    "flags of deno task distill for all runs, separated by blanks",
  ),
  engine: z.string().default("wasm").describe("what computes"),
  machine: z.string().describe("description of the machine, for the record"),
  date: z.string().optional().describe("the date of the record; today if absent"),
  out: z.string().default("data/comparison/results.json").describe("output file of the record"),
});

const listSchema = z.array(z.strictObject({
  name: z.string().regex(/^[\w.-]+$/),
  title: z.string().min(1),
  flags: z.array(z.string().startsWith("--")),
})).min(1);

/**
 * Reads the settings that are compared.
 *
 * @throws {UsageError} If the file is no such list.
 */
export async function readSettings(path: string): Promise<Comparison["settings"]> {
  try {
    return listSchema.parse(parseJson(await readText(path), { name: path, uniqueKeys: true }));
  } catch (cause) {
    throw new UsageError(`Cannot use --settings ${path}: ${(cause as Error).message}`, { cause });
  }
}
