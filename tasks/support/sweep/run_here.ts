/**
 * The runs of a sweep in this process, one after another, sharing what they can.
 *
 * @module
 */
import { join } from "node:path";
import { NonFiniteLossError } from "../../../lib/training/step/non_finite_loss_error.ts";
import type { DistillConfig } from "../distill_setup.ts";
import { runDistill } from "../run_distill.ts";
import { sharedWork } from "../shared_work.ts";
import type { SweepCell } from "./plan.ts";
import type { Failure } from "./state.ts";

/** The outcome of a run of a sweep. */
export type CellOutcome = { status: "done" | "stopped" } | { status: "failed"; failure: Failure };

/** Options for running the runs of a sweep. */
export interface RunCellsOptions {
  /** The sweep's folder. */
  folder: string;
  /** Stops the runs. */
  signal: AbortSignal;
  /** The message on how to resume. */
  hint: string;
  /** Called when a run has come to an end of any kind. */
  ended: (cell: SweepCell, outcome: CellOutcome) => Promise<void>;
}

/** Where work is kept that the runs of a sweep share. */
export const sharedFolder = (folder: string): string => join(folder, ".shared");

/** A run's settings as a sweep uses them: it resumes an existing run, and saves a last checkpoint only if asked to. */
export function cellConfig({ config, origins }: SweepCell): DistillConfig {
  return { ...config, resume: "auto", saveAtEnd: "saveAtEnd" in origins && config.saveAtEnd };
}

/** Says what an error was. */
export function failureOf(error: unknown): Failure {
  const message = error instanceof Error ? error.message : String(error);
  return { kind: error instanceof NonFiniteLossError ? "diverged" : "failed", message };
}

/** Runs them all, or until the signal. */
export async function runHere(cells: readonly SweepCell[], options: RunCellsOptions): Promise<void> {
  const { folder, signal, hint, ended } = options;
  const shared = sharedWork(sharedFolder(folder));
  try {
    for (const [index, cell] of cells.entries()) {
      if (signal.aborted) return;
      console.error(`\nrun ${index + 1} of ${cells.length}: ${cell.name}`);
      let outcome: CellOutcome;
      try {
        const config = cellConfig(cell);
        const { status } = await runDistill(config, { root: folder, origins: cell.origins, signal, shared, hint });
        outcome = { status: status === 0 ? "done" : "stopped" };
      } catch (error) {
        outcome = { status: "failed", failure: failureOf(error) };
      }
      await ended(cell, outcome);
    }
  } finally {
    shared.close();
  }
}
