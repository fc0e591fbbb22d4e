/**
 * Distils with every setting of a list and every seed, and records the results for notebooks and figures.
 *
 *     OMP_NUM_THREADS=1 deno task comparison --engine torch --machine "two shared cores, one thread"
 */
import { join } from "node:path";
import { z } from "zod";
import { writeAtomically } from "../lib/files/atomic_write.ts";
import { parseJson } from "../lib/files/parse_json.ts";
import { readText } from "../lib/files/read_text.ts";
import type { Comparison, RecordedRun } from "../lib/figures/comparison/comparison.ts";
import { readRun } from "./support/comparison_record.ts";
import { distillSchema } from "./support/distill_setup.ts";
import { parseSeeds } from "./support/named_paths.ts";
import { runDistill } from "./support/run_distill.ts";
import { exists, hasResult } from "./support/run_folder.ts";
import { lockFolder } from "./support/claimed_folder.ts";
import { runTask } from "./support/run_task.ts";
import { parseTask } from "./support/schema.ts";
import { sharedWork } from "./support/shared_work.ts";
import { distillEffects } from "./support/training_effects.ts";
import { UsageError } from "./support/usage_error.ts";

const schema = z.strictObject({
  name: z.string().default("comparison").describe("the runs' common folder is runs/<name>/"),
  settings: z.string().default("tasks/configs/comparison.json").describe(
    'JSON list of settings: {"name", "title", "flags"}, the flags being those of deno task distill',
  ),
  seeds: z.string().default("1,2,3").describe("seeds, joined by commas; each draws rows and their order"),
  flags: z.string().default("--validate-every=50").describe(
    "flags of deno task distill for all runs, parted by blanks",
  ),
  engine: z.string().default("wasm").describe("what computes"),
  machine: z.string().describe("what it runs on, in words, for the record"),
  date: z.string().optional().describe("the day of the record; today if absent"),
  out: z.string().default("data/comparison/results.json").describe("file that takes the record"),
});

const listSchema = z.array(z.strictObject({
  name: z.string().regex(/^[\w.-]+$/),
  title: z.string().min(1),
  flags: z.array(z.string().startsWith("--")),
})).min(1);

async function readSettings(path: string): Promise<Comparison["settings"]> {
  try {
    return listSchema.parse(parseJson(await readText(path), { name: path, uniqueKeys: true }));
  } catch (cause) {
    throw new UsageError(`Cannot use --settings ${path}: ${(cause as Error).message}`, { cause });
  }
}

/**
 * Runs the task. Runs that are done are left as they are; one that was interrupted resumes from its checkpoint.
 *
 * @param args The flags.
 * @param root Where run folders are made.
 * @returns The exit status: 0 at the end, 130 where it was stopped.
 */
export async function main(args: readonly string[], root = "runs"): Promise<number> {
  const description = "Compare settings over seeds, and record the results.";
  const help = { examples: ['deno task comparison --machine "two shared cores" --seeds 1,2'] };
  const { config } = await parseTask({ name: "comparison", description, schema, args, help });
  const [settings, seeds] = [await readSettings(config.settings), parseSeeds(config.seeds, "--seeds")];
  const folder = join(root, config.name);
  using _lock = await lockFolder(folder);
  const common = [...config.flags.split(/\s+/).filter((flag) => flag !== ""), `--engine=${config.engine}`];
  const runs: RecordedRun[] = [];
  // Under one seed all settings meet one teacher on the same rows: its scores and states are computed once.
  const shared = sharedWork(join(folder, ".shared"));
  try {
    // Seed by seed, so that a comparison that was cut short has every setting.
    for (const seed of seeds) {
      for (const { name, flags } of settings) {
        const run = `${name}-s${seed}`;
        const path = join(folder, run);
        if (!hasResult(path)) {
          console.error(`${run}, ${runs.length + 1} of ${settings.length * seeds.length}`);
          const goOn = await exists(join(path, "checkpoints")) ? "--resume" : "--overwrite";
          const args = [...common, ...flags, `--name=${run}`, `--seed=${seed}`, goOn];
          const { config: planned, origins } = await parseTask({
            name: "distill",
            description,
            schema: distillSchema,
            args,
            effects: distillEffects,
          });
          const { status } = await runDistill(planned, { root: folder, label: run, origins, shared });
          if (status !== 0) return status;
        }
        runs.push(await readRun(path, { setting: name, seed }));
      }
    }
  } finally {
    shared.close();
  }
  const command = `deno task comparison --engine ${config.engine}`;
  const { machine, date = new Date().toISOString().slice(0, 10) } = config;
  const record: Comparison = { command, machine, date, settings, runs };
  await writeAtomically(config.out, JSON.stringify(record, null, 1) + "\n");
  console.log(`${runs.length} runs recorded in ${config.out}`);
  return 0;
}

if (import.meta.main) await runTask(main);
