/**
 * Distils with every combination of some settings, and ranks them.
 *
 *     deno task sweep --name orders --vary objective=amid,forward-kl --vary alpha=-1,0,1 --vary seed=1,2 --steps 100
 */
import { join } from "node:path";
import { z } from "zod";
import { type ClaimedFolder, claimFolder } from "./support/claimed_folder.ts";
import { distillHelp, distillSchema } from "./support/distill_setup.ts";
import { fieldsOf, inGroup } from "./support/field.ts";
import type { TaskHelp } from "./support/help.ts";
import { onInterrupt } from "./support/interrupt.ts";
import { checkRunName, exists } from "./support/run_folder.ts";
import { runTask } from "./support/run_task.ts";
import { parseTask } from "./support/schema.ts";
import { gatherVary, type Grid, readGridFile, readVary } from "./support/sweep/grid.ts";
import { planSweep, type SweepCell } from "./support/sweep/plan.ts";
import { writeSweepReport } from "./support/sweep/report.ts";
import { runChildren } from "./support/sweep/run_children.ts";
import { type CellOutcome, runHere } from "./support/sweep/run_here.ts";
import { checkUnchanged, isDone, readRecord, recorded, writeRecord } from "./support/sweep/state.ts";
import { warnOnce } from "./support/warn_once.ts";
import { UsageError } from "./support/usage_error.ts";

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
  const record = await readRecord(folder);
  await checkUnchanged(folder, { cells, record });
  for (const cell of cells) record.runs[cell.name] = recorded(cell);
  await writeRecord(folder, record);
  const stopped = await runAll(cells, { folder, jobs });
  // What the sweep replaces is put back where none of its runs took a step.
  if (stopped || (await filterAsync(cells, ({ name }) => exists(join(folder, name)))).length > 0) claimed.keep();
  if (stopped) return 130;
  const { failures } = await readRecord(folder);
  const done = cells.filter((cell) => isDone(folder, cell));
  const failed = cells.filter(({ name }) => failures[name]);
  const losses = failed.map(({ name }) => `${name} ${failures[name].kind}: ${failures[name].message}`);
  if (done.length > 0) {
    await claimed.finish();
    const options = { name, cells: done, varied: [...grid.keys()], notes: [...notes, ...losses], base };
    console.log(await writeSweepReport(folder, options));
    console.log(
      `report: ${join(folder, "sweep.html")}   table: ${join(folder, "table.md")}, ${join(folder, "table.csv")}`,
    );
  }
  for (const line of losses) console.error(`failed: ${line}`);
  return failed.length > 0 ? 1 : 0;
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
    await writeRecord(path, await readRecord(path));
    return folder;
  } catch (error) {
    await folder[Symbol.asyncDispose]();
    throw error;
  }
}

/** Runs what is neither done nor diverged; says whether it was stopped. */
async function runAll(cells: readonly SweepCell[], options: { folder: string; jobs: number }): Promise<boolean> {
  const { folder, jobs } = options;
  const record = await readRecord(folder);
  const pending = cells.filter((cell) => {
    return record.failures[cell.name]?.kind !== "diverged" && !isDone(folder, cell);
  });
  if (pending.length < cells.length) {
    console.error(`${cells.length - pending.length} of ${cells.length} runs are done or have diverged before`);
  }
  using interrupt = onInterrupt({ announce: () => console.error("stopping; once more to stop at once") });
  // What failed before without diverging is tried again.
  for (const { name } of pending) delete record.failures[name];
  let written = Promise.resolve();
  const ended = async (cell: SweepCell, outcome: CellOutcome) => {
    if (outcome.status === "failed") {
      record.failures[cell.name] = outcome.failure;
      console.error(`${cell.name} ${outcome.failure.kind}: ${outcome.failure.message}`);
    }
    // Runs may end at the same time; their records are written one after another.
    await (written = written.then(() => writeRecord(folder, record)));
  };
  const hint = "the same command again";
  const running = { folder, signal: interrupt.signal, hint, ended };
  if (jobs === 1) await runHere(pending, running);
  else await runChildren(pending, { ...running, jobs });
  const left = pending.filter((cell) => !record.failures[cell.name] && !isDone(folder, cell));
  if (left.length === 0) return false;
  console.error(`Stopped with ${cells.length - left.length} of ${cells.length} runs done. To go on: ${hint}`);
  return true;
}

async function filterAsync<Item>(items: readonly Item[], test: (item: Item) => Promise<boolean>): Promise<Item[]> {
  const kept = await Promise.all(items.map(test));
  return items.filter((_, index) => kept[index]);
}

if (import.meta.main) await runTask(main);
