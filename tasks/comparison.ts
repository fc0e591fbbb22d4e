/**
 * Distils with every setting of a list and every seed, and records the results for notebooks and figures.
 *
 *     OMP_NUM_THREADS=1 deno task comparison --engine torch --machine "two shared cores, one thread"
 */
import { join } from "node:path";
import { writeAtomically } from "../lib/files/atomic_write.ts";
import type { Comparison } from "../lib/figures/comparison/comparison.ts";
import { compareSettings } from "../lib/runs/comparison/compare_settings.ts";
import { comparisonSchema as schema, readSettings } from "./support/comparison_setup.ts";
import { distillSchema } from "./support/distill_setup.ts";
import { parseSeeds } from "./support/named_paths.ts";
import { runDistill } from "./support/run_distill.ts";
import { exists } from "../lib/files/exists.ts";
import { lockFolder } from "./support/claimed_folder.ts";
import { runTask } from "./support/run_task.ts";
import { parseTask } from "./support/schema.ts";
import { distillEffects } from "./support/training_effects.ts";

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
      const distilling = { name: "distill", description, schema: distillSchema, effects: distillEffects };
      const { config: planned, origins } = await parseTask({ ...distilling, args });
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
