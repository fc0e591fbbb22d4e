/**
 * A run's settings as a sweep uses them.
 *
 * @module
 */
import { formatConfig } from "../config_file.ts";
import type { DistillConfig } from "../distill_setup.ts";
import type { SweepCell } from "./plan.ts";

/** The settings: a run resumes where it was, and saves checkpoints only if asked to, or stopped. */
export function cellConfig({ config, origins }: SweepCell): DistillConfig {
  return { ...config, resume: "auto", saveEvery: "saveEvery" in origins ? config.saveEvery : "never" };
}

/** A run as the sweep's record has it. */
export const recordedCell = (cell: SweepCell): SweepCell => ({
  ...cell,
  settings: JSON.parse(formatConfig(cell.config)),
});
