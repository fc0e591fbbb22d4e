/**
 * Distils with every combination of some settings, and ranks them.
 *
 *     deno task sweep --name orders --vary objective=amid,forward-kl --vary alpha=-1,0,1 --vary seed=1,2 --steps 100
 */
import { join } from "node:path";
import { z } from "zod";
import { exists } from "../lib/files/exists.ts";
import { failureText, runSweep } from "../lib/runs/sweep/sweep.ts";
import { readRecord, writeRecord } from "../lib/runs/sweep/sweep_record.ts";
import { type ClaimedFolder, claimFolder } from "./support/claimed_folder.ts";
import { distillHelp, distillSchema } from "./support/distill_setup.ts";
import { fieldsOf, inGroup } from "./support/field.ts";
import type { TaskHelp } from "./support/help.ts";
import { onInterrupt } from "./support/interrupt.ts";
import { checkRunName } from "./support/run_folder.ts";
import { runDistill } from "./support/run_distill.ts";
import { runTask } from "./support/run_task.ts";
import { parseTask } from "./support/schema.ts";
import { gatherVary, type Grid, readGridFile, readVary } from "./support/sweep/grid.ts";
import { cellConfig, freeSettings, recordedCell } from "./support/sweep/cell_config.ts";
import { planSweep } from "./support/sweep/plan.ts";
import { runChild } from "./support/sweep/run_child.ts";
import { warnOnce } from "./support/warn_once.ts";
import { asUsage, UsageError } from "./support/usage_error.ts";

const own = inGroup("Sweep", {
  name: z.string().default("sweep").describe("the sweep's name: its runs lie in runs/<name>/, a folder each"),
  overwrite: z.boolean().default(false).describe(
    "replace a sweep of that name, which is removed when this one has ended",
  ),
  vary: z.string().optional().describe(
    "a setting and its values, such as alpha=-1,0.5,inf; may be given several times, lists in a file behind semicolons",
  ),
  grid: z.string().optional().describe('JSON file of such lists: {"alpha": [-1, 0.5], "seed": [1, 2]}'),
  jobs: z.int().min(1).default(1).describe("runs at a time; more than one run in processes of their own"),
  list: z.boolean().default(false).describe("print the runs there would be, and end"),
});

const { resume: _resume, stopAfter: _stopAfter, dryRun: _dryRun, distributed: _ranks, ...settings } =
  distillSchema.shape;
const schema = z.strictObject({ ...settings, ...own });

const help: TaskHelp<keyof typeof schema.shape> = {
  first: ["name", "vary", "grid", "jobs", "list", ...distillHelp.first.filter((key) => key !== "name")],
  examples: [
    "deno task sweep --name orders --steps 100 --vary alpha=-1,0,1 --vary seed=1,2",
    "deno task sweep --vary objective=amid,forward-kl --vary lambda=0.1,0.5 --list",
    "deno task sweep --grid grid.json --jobs 2",
  ],
};

/**
 * Runs the task. An existing sweep is resumed: runs that are done are left as they are, one that was interrupted
 * resumes.
 *
 * @param args The flags.
 * @param root Where the sweep's folder is made.
 * @returns The exit status: 0 at the end, 1 where runs failed, 130 where it was stopped.
 */
export async function main(args: readonly string[], root = "runs"): Promise<number> {
  const description = "Distil with every combination of some settings, and rank them.";
  const { config, origins } = await parseTask({ name: "sweep", description, schema, args: gatherVary(args), help });
  const { name, overwrite, jobs, list } = config;
  const grid = await gridOf(config);
  const base = Object.fromEntries(
    Object.keys(origins).filter((key) => !(key in own)).map((key) => [key, textOf(config[key as keyof typeof config])]),
  );
  const twice = [...grid.keys()].find((key) => key in base);
  if (twice) throw new UsageError(`Cannot vary "${twice}": it has one value for all runs already, ${base[twice]}`);
  const { cells, notes, warnings } = await planSweep(grid, base, { origins });
  warnings.forEach(warnOnce);
  for (const note of notes) console.error(note);
  if (list) {
    for (const cell of cells) console.log(cell.name);
    return 0;
  }
  await using claimed = await openSweepFolder(name, { root, overwrite });
  const { path: folder } = claimed;
  using interrupt = onInterrupt({ announce: () => console.error("stopping; once more to stop at once") });
  const hint = "the same command again";
  const { stopped, done, failures, markdown } = await asUsage(() =>
    runSweep(cells.map(recordedCell), {
      folder,
      jobs,
      signal: interrupt.signal,
      say: console.error,
      free: freeSettings,
      varied: [...grid.keys()],
      notes,
      common: base,
      async run(cell, { signal, shared }) {
        if (jobs > 1) return await runChild(cell, { folder, signal, hint });
        const { status } = await runDistill(cellConfig(cell), {
          root: folder,
          origins: cell.origins,
          signal,
          shared,
          hint,
        });
        return { finished: status === 0 };
      },
    })
  );
  // What the sweep replaces is put back where none of its runs took a step.
  const begun = await Promise.all(cells.map(({ name }) => exists(join(folder, name))));
  if (stopped || begun.some((there) => there)) claimed.keep();
  const ended = done.length + Object.keys(failures).length;
  if (stopped) console.error(`Stopped with ${ended} of ${cells.length} runs done. To go on: ${hint}`);
  if (stopped) return 130;
  if (done.length > 0) {
    await claimed.finish();
    const tables = `table: ${join(folder, "table.md")}, ${join(folder, "table.csv")}`;
    console.log(`${markdown}\nreport: ${join(folder, "sweep.html")}   ${tables}`);
  }
  const lost = cells.filter(({ name }) => failures[name]).map(({ name }) => failureText(name, failures[name]));
  for (const line of lost) console.error(`failed: ${line}`);
  return lost.length > 0 ? 1 : 0;
}

async function gridOf({ vary, grid: file }: z.output<typeof schema>): Promise<Grid> {
  const fields = fieldsOf(distillSchema);
  const fromFile: Grid = file === undefined ? new Map() : await readGridFile(file, fields);
  const fromFlags: Grid = vary === undefined ? new Map() : readVary(vary, fields);
  const grid = new Map([...fromFile, ...fromFlags]);
  if (grid.size > 0) return grid;
  throw new UsageError("Cannot sweep: --vary or --grid is needed, such as --vary alpha=-1,0.5");
}

const textOf = (value: unknown): string => String(value).replace("Infinity", "inf");

async function openSweepFolder(
  name: string,
  { root, overwrite }: { root: string; overwrite: boolean },
): Promise<ClaimedFolder> {
  checkRunName(name);
  const path = join(root, name);
  const folder = await claimFolder(path, { overwrite });
  try {
    const isSweep = await exists(join(path, "sweep.json"));
    if (await exists(path) && !isSweep && [...Deno.readDirSync(path)].length > 0) {
      throw new UsageError(`Cannot sweep in ${path}: it is not empty and holds no sweep; --name chooses another`);
    }
    await folder.begin();
    if (!overwrite) folder.keep();
    const record = await asUsage(() => readRecord(path));
    await writeRecord(path, record);
    return folder;
  } catch (error) {
    await folder[Symbol.asyncDispose]();
    throw error;
  }
}

if (import.meta.main) await runTask(main);
