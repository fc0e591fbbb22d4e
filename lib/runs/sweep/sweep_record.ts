/**
 * The progress of a sweep, as found in its folder.
 *
 * @module
 */
import { join } from "node:path";
import { writeAtomically } from "../../files/atomic_write.ts";
import { exists } from "../../files/exists.ts";
import type { RunResult } from "../../figures/run_result.ts";
import { hasResult } from "../has_result.ts";
import type { SweepRun } from "./sweep_run.ts";

/** A failed run. */
export interface Failure {
  /** Whether its loss became non-finite, which would happen again, or something else went wrong. */
  kind: "diverged" | "failed";
  /** The message. */
  message: string;
}

/** The contents of a sweep's `sweep.json`. */
export interface SweepRecord {
  /** The failures, by the run's name. */
  failures: Record<string, Failure>;
  /** What each run was begun with. */
  runs: Record<string, Readonly<Record<string, unknown>>>;
}

/**
 * Reads `sweep.json`; a new sweep does not have it yet.
 *
 * @throws {SyntaxError} If it is something else; the message names the folder.
 */
export async function readRecord(folder: string): Promise<SweepRecord> {
  const path = join(folder, "sweep.json");
  if (!await exists(path)) return { failures: {}, runs: {} };
  try {
    const { failures, runs } = JSON.parse(await Deno.readTextFile(path)) as Partial<SweepRecord>;
    if (failures && runs && typeof failures === "object" && typeof runs === "object") return { failures, runs };
  } catch (cause) {
    throw new SyntaxError(`Cannot continue ${folder}: sweep.json is not JSON; delete it to start the sweep over`, {
      cause,
    });
  }
  throw new SyntaxError(
    `Cannot continue ${folder}: sweep.json must hold "failures" and "runs"; delete it to start the sweep over`,
  );
}

/** Writes `sweep.json`. */
export async function writeRecord(folder: string, record: SweepRecord): Promise<void> {
  await writeAtomically(join(folder, "sweep.json"), JSON.stringify(record, null, 2) + "\n");
}

/** Whether a run is done. */
export const isDone = (folder: string, { name }: SweepRun): boolean => hasResult(join(folder, name));

/** The result of a run that is done. */
export async function resultOf(folder: string, { name }: SweepRun): Promise<RunResult> {
  return JSON.parse(await Deno.readTextFile(join(folder, name, "result.json")));
}

/** The settings of a run as `sweep.json` keeps them. */
export function recorded({ values, settings = values }: SweepRun): Record<string, unknown> {
  const readable = (_key: string, value: unknown) =>
    typeof value === "number" && !Number.isFinite(value) ? String(value).replace("Infinity", "inf") : value;
  return JSON.parse(JSON.stringify(settings, readable));
}

/** Options for {@linkcode checkUnchanged}. */
export interface CheckUnchangedOptions {
  runs: readonly SweepRun[];
  record: SweepRecord;
  /** Settings that may differ. */
  free: ReadonlySet<string>;
}

/**
 * Checks that existing runs were started with the settings that they would get now.
 *
 * @throws {RangeError} If one was not; the message names the run and what differs.
 */
export async function checkUnchanged(folder: string, { runs, record, free }: CheckUnchangedOptions): Promise<void> {
  for (const run of runs) {
    const before = record.runs[run.name];
    if (!before || !await exists(join(folder, run.name))) continue;
    const now = recorded(run);
    const changed = Object.keys({ ...before, ...now })
      .filter((key) => !free.has(key) && before[key] !== now[key])
      .map((key) => `${key} was ${before[key]}, now it is ${now[key]}`);
    if (changed.length === 0) continue;
    throw new RangeError(
      `Cannot continue ${join(folder, run.name)}: ${changed.join(", ")}; another folder, or an empty one, is needed`,
    );
  }
}
