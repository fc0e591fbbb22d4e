/**
 * How far a sweep has come, by what lies in its folder.
 *
 * @module
 */
import { join } from "node:path";
import { writeAtomically } from "../../../lib/files/atomic_write.ts";
import type { RunResult } from "../../../lib/figures/run_result.ts";
import { formatConfig } from "../config_file.ts";
import { exists, hasResult } from "../run_folder.ts";
import { UsageError } from "../usage_error.ts";
import { watchFields } from "../watch_fields.ts";
import type { SweepCell } from "./plan.ts";

/** A failed run. */
export interface Failure {
  /** Whether its loss was no number any more, or something else went wrong; the former would do so again. */
  kind: "diverged" | "failed";
  message: string;
}

/** What a sweep's `sweep.json` says. */
export interface SweepRecord {
  /** The failures, by the run's name. */
  failures: Record<string, Failure>;
  /** What each run was begun with. */
  runs: Record<string, Record<string, unknown>>;
}

/** Settings in which a run that is there may differ from what is asked for now. */
const indifferent = new Set([
  "name",
  "overwrite",
  "resume",
  "stopAfter",
  "saveEvery",
  "saveAtEnd",
  "keepLast",
  "keepBest",
  ...Object.keys(watchFields),
]);

/** Reads `sweep.json`; a new sweep does not have it yet. */
export async function readRecord(folder: string): Promise<SweepRecord> {
  const path = join(folder, "sweep.json");
  if (!await exists(path)) return { failures: {}, runs: {} };
  try {
    const { failures, runs } = JSON.parse(await Deno.readTextFile(path)) as Partial<SweepRecord>;
    if (failures && runs && typeof failures === "object" && typeof runs === "object") return { failures, runs };
  } catch (cause) {
    throw new UsageError(`Cannot go on with ${folder}: sweep.json is not JSON; --overwrite begins anew`, { cause });
  }
  throw new UsageError(
    `Cannot go on with ${folder}: sweep.json must hold "failures" and "runs"; --overwrite begins anew`,
  );
}

/** Writes `sweep.json`. */
export async function writeRecord(folder: string, record: SweepRecord): Promise<void> {
  await writeAtomically(join(folder, "sweep.json"), JSON.stringify(record, null, 2) + "\n");
}

/** Whether a run is done. */
export const isDone = (folder: string, { name }: SweepCell): boolean => hasResult(join(folder, name));

/** The result of a run that is done. */
export async function resultOf(folder: string, { name }: SweepCell): Promise<RunResult> {
  return JSON.parse(await Deno.readTextFile(join(folder, name, "result.json")));
}

/** The settings of a run as `sweep.json` keeps them. */
export const recorded = ({ config }: SweepCell): Record<string, unknown> => JSON.parse(formatConfig(config));

/**
 * Checks that runs which are there were begun with the settings that they would get now.
 *
 * @throws {UsageError} If one was not; the message names the run and what differs.
 */
export async function checkUnchanged(
  folder: string,
  { cells, record }: { cells: readonly SweepCell[]; record: SweepRecord },
): Promise<void> {
  for (const cell of cells) {
    const before = record.runs[cell.name];
    if (!before || !await exists(join(folder, cell.name))) continue;
    const now = recorded(cell);
    const changed = Object.keys({ ...before, ...now })
      .filter((key) => !indifferent.has(key) && before[key] !== now[key])
      .map((key) => `${key} was ${before[key]}, now it is ${now[key]}`);
    if (changed.length === 0) continue;
    throw new UsageError(
      `Cannot go on with ${join(folder, cell.name)}: ${changed.join(", ")}; --overwrite begins the sweep anew, ` +
        "--name chooses another",
    );
  }
}
