/**
 * A comparison: settings over seeds, recorded for figures.
 *
 * @module
 */
import { aFunction, aList, aText, checkArguments, checkList, objectWith } from "../../arguments/check_arguments.ts";
import { join } from "node:path";
import type { Comparison, RecordedRun } from "../../figures/comparison/comparison.ts";
import { hasResult } from "../has_result.ts";
import { type SharedWork, sharedWork } from "../shared_work.ts";
import { sharedFolder } from "../sweep/sweep.ts";
import { readRun } from "./read_run.ts";

/** A setting that is compared. */
export type ComparedSetting = Comparison["settings"][number];

/** What a run of a comparison is given. */
export interface ComparisonContext {
  /** The run's name: that of its setting, with its seed. */
  name: string;
  /** The seed. */
  seed: number;
  /** Its folder, in which an earlier start of it may have left checkpoints. */
  folder: string;
  /** What the runs share. Under one seed all settings meet one teacher on the same rows. */
  shared: SharedWork;
}

/** Options for {@linkcode compareSettings}. */
export interface CompareSettingsOptions {
  /** The comparison's folder, with a folder for each run. */
  folder: string;
  /** Each draws rows and their order. */
  seeds: readonly number[];
  /** Takes a run to its end; its folder must then have `result.json`, as `trainRun()` with a report writes it. */
  run: (setting: ComparedSetting, context: ComparisonContext) => Promise<{ finished: boolean }>;
  /** Receives a line for each run that begins. */
  say?: (line: string) => void;
}

/**
 * Runs every setting with every seed; runs that are done are left as they are. It proceeds seed by seed, so that a
 * comparison that was cut short has every setting.
 *
 * @param settings The settings.
 * @param options The seeds, and what a run is.
 * @returns The runs as a comparison records them; undefined where one was stopped.
 */
export async function compareSettings(
  settings: readonly ComparedSetting[],
  options: CompareSettingsOptions,
): Promise<RecordedRun[] | undefined> {
  checkArguments("compare settings", { options: [options, objectWith("folder", "seeds", "run")] });
  checkList("compare settings", { settings }, objectWith("name"));
  const { folder, seeds, run, say = () => {} } = options;
  checkArguments("compare settings", { folder: [folder, aText], seeds: [seeds, aList], run: [run, aFunction] });
  const runs: RecordedRun[] = [];
  const shared = sharedWork(sharedFolder(folder));
  try {
    for (const seed of seeds) {
      for (const setting of settings) {
        const name = `${setting.name}-s${seed}`;
        const path = join(folder, name);
        if (!hasResult(path)) {
          say(`${name}, ${runs.length + 1} of ${settings.length * seeds.length}`);
          const { finished } = await run(setting, { name, seed, folder: path, shared });
          if (!finished) return undefined;
        }
        runs.push(await readRun(path, { setting: setting.name, seed }));
      }
    }
    return runs;
  } finally {
    shared.close();
  }
}
