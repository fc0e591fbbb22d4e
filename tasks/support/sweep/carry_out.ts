/**
 * A planned sweep carried out: its runs here or in processes of their own, its report printed.
 *
 * @module
 */
import { join } from "node:path";
import { exists } from "../../../lib/files/exists.ts";
import { failureText, runSweep } from "../../../lib/runs/sweep/sweep.ts";
import { onInterrupt } from "../interrupt.ts";
import { runDistill } from "../run_distill.ts";
import { asUsage } from "../usage_error.ts";
import { recordingSettings } from "../training_fields.ts";
import { cellConfig, recordedCell } from "./cell_config.ts";
import { openSweepFolder } from "./open_folder.ts";
import type { SweepPlan } from "./plan.ts";
import { runChild } from "./run_child.ts";

/** Options for {@linkcode carryOut}. */
export interface CarryOutOptions {
  /** The sweep's name. */
  name: string;
  /** Where its folder is made. */
  root: string;
  overwrite: boolean;
  /** Runs at a time; more than one run in processes of their own. */
  jobs: number;
  /** What is varied. */
  varied: readonly string[];
  /** What all runs have. */
  common: Readonly<Record<string, unknown>>;
}

/**
 * Runs what is neither done nor diverged, and ranks it.
 *
 * @returns The exit status: 0 at the end, 1 where runs failed, 130 where it was stopped.
 */
export async function carryOut({ cells, notes }: SweepPlan, options: CarryOutOptions): Promise<number> {
  const { name, root, overwrite, jobs, varied, common } = options;
  await using claimed = await openSweepFolder(name, { root, overwrite });
  const { path: folder } = claimed;
  using interrupt = onInterrupt({ announce: () => console.error("stopping; press again to stop immediately") });
  const hint = "the same command again";
  const { stopped, done, failures, markdown } = await asUsage(() =>
    runSweep(cells.map(recordedCell), {
      folder,
      jobs,
      signal: interrupt.signal,
      say: console.error,
      free: recordingSettings,
      varied,
      notes,
      common,
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
  if (stopped) console.error(`Stopped with ${ended} of ${cells.length} runs done. To continue: ${hint}`);
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
