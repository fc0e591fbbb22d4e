/**
 * Models, data and training of a run.
 *
 * @module
 */
import type { Tokenizer } from "../text/tokenizer_interface.ts";
import type { DistillOptions } from "../training/run/distill_options.ts";

/** The models of a run. Without a teacher it trains by next-token loss. */
export interface RunModels extends Pick<DistillOptions, "student" | "teacher" | "reference"> {
  /** The tokenizer that made the rows; it is saved with the weights. */
  tokenizer: Tokenizer;
}

/** The rows of a run. */
export type RunData = Pick<DistillOptions, "rows" | "validRows" | "sampleRows" | "textRows" | "textBatchSize">;

/** All other options of `distill()`, except those that follow from the run's folder. */
export type RunTraining = Omit<
  DistillOptions,
  keyof RunModels | keyof RunData | "signal" | "metricsOffset" | "checkpointFolder" | "failureFolder" | "averageFolder"
>;
