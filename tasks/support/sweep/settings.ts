/**
 * The settings of the task sweep.
 *
 * @module
 */
import { z } from "zod";
import { distillSchema } from "../distill_setup.ts";
import { fieldsOf, inGroup } from "../field.ts";
import type { TaskHelp } from "../help.ts";
import { UsageError } from "../usage_error.ts";
import { type Grid, readGridFile, readVary } from "./grid.ts";

/** The settings that a sweep has besides those of its runs. */
export const ownFields = inGroup("Sweep", {
  name: z.string().default("sweep").describe("the sweep's name: its runs are in folders in runs/<name>/"),
  overwrite: z.boolean().default(false).describe(
    "replace a sweep of that name, which is removed when this one has finished",
  ),
  vary: z.string().optional().describe(
    "a setting and its values, such as alpha=-1,0.5,inf; may be given several times; in a file, lists are separated by semicolons",
  ),
  grid: z.string().optional().describe('JSON file of such lists: {"alpha": [-1, 0.5], "seed": [1, 2]}'),
  jobs: z.int().min(1).default(1).describe("runs at a time; more than one run in separate processes"),
  list: z.boolean().default(false).describe("print the planned runs and exit"),
});

const { resume: _resume, stopAfter: _stopAfter, dryRun: _dryRun, distributed: _ranks, ...settings } =
  distillSchema.shape;
/** The settings of the task sweep. */
export const sweepSchema = z.strictObject({ ...settings, ...ownFields });

/** How `--help` of the task starts. */
export const sweepHelp: TaskHelp<keyof typeof sweepSchema.shape> = {
  first: ["name", "vary", "grid", "jobs", "list", "teacher", "student", "data", "steps", "engine"],
  examples: [
    "deno task sweep --name orders --steps 100 --vary alpha=-1,0,1 --vary seed=1,2",
    "deno task sweep --vary objective=amid,forward-kl --vary lambda=0.1,0.5 --list",
    "deno task sweep --grid grid.json --jobs 2",
  ],
};

/** The settings, as they are parsed. */
export type SweepConfig = z.output<typeof sweepSchema>;

/**
 * The lists of values.
 *
 * @throws {UsageError} If there is none, or one makes no sense.
 */
export async function gridOf({ vary, grid: file }: SweepConfig): Promise<Grid> {
  const fields = fieldsOf(distillSchema);
  const fromFile: Grid = file === undefined ? new Map() : await readGridFile(file, fields);
  const fromFlags: Grid = vary === undefined ? new Map() : readVary(vary, fields);
  const grid = new Map([...fromFile, ...fromFlags]);
  if (grid.size > 0) return grid;
  throw new UsageError("Cannot sweep: --vary or --grid is needed, such as --vary alpha=-1,0.5");
}

/**
 * What all runs have: the settings that were given, as texts.
 *
 * @throws {UsageError} If one of them is varied.
 */
export function commonSettings(
  config: SweepConfig,
  { origins, grid }: { origins: Readonly<Record<string, string>>; grid: Grid },
): Record<string, string> {
  const given = Object.keys(origins).filter((key) => !(key in ownFields));
  const base = Object.fromEntries(given.map((key) => [key, textOf(config[key as keyof SweepConfig])]));
  const twice = [...grid.keys()].find((key) => key in base);
  if (twice) throw new UsageError(`Cannot vary "${twice}": it already has one value for all runs, ${base[twice]}`);
  return base;
}

const textOf = (value: unknown): string => String(value).replace("Infinity", "inf");
