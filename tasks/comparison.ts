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
import type { Comparison } from "../lib/figures/comparison/comparison.ts";
import { compareSettings } from "../lib/runs/comparison/compare_settings.ts";
import { distillSchema } from "./support/distill_setup.ts";
import { parseSeeds } from "./support/named_paths.ts";
import { runDistill } from "./support/run_distill.ts";
import { exists } from "../lib/files/exists.ts";
import { lockFolder } from "./support/claimed_folder.ts";
import { runTask } from "./support/run_task.ts";
import { parseTask } from "./support/schema.ts";
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
  const runs = await compareSettings(settings, {
    folder,
    seeds,
    say: console.error,
    async run({ flags }, { name, seed, folder: path, shared }) {
      const goOn = await exists(join(path, "checkpoints")) ? "--resume" : "--overwrite";
      const args = [...common, ...flags, `--name=${name}`, `--seed=${seed}`, goOn];
      const [schema, effects] = [distillSchema, distillEffects];
      const { config: planned, origins } = await parseTask({ name: "distill", description, schema, args, effects });
      const { status } = await runDistill(planned, { root: folder, label: name, origins, shared });
      return { finished: status === 0 };
    },
  });
  if (!runs) return 130;
  const command = `deno task comparison --engine ${config.engine}`;
  const { machine, date = new Date().toISOString().slice(0, 10) } = config;
  const record: Comparison = { command, machine, date, settings, runs };
  await writeAtomically(config.out, JSON.stringify(record, null, 1) + "\n");
  console.log(`${runs.length} runs recorded in ${config.out}`);
  return 0;
}

if (import.meta.main) await runTask(main);
