/**
 * A run's length in passes over its rows.
 *
 * @module
 */
import { z } from "zod";
import type { Every } from "../../lib/training/every.ts";
import { UsageError } from "./usage_error.ts";

/** The length in epochs, which stands for steps. */
export const epochFields = {
  epochs: z.int().min(1).optional().describe(
    "passes over the training rows, instead of --steps; validations and checkpoints are then by default once per epoch",
  ),
};

/** The settings that a length in epochs decides. */
export interface Lengths {
  epochs?: number;
  steps: number;
  batchSize: number;
  validateEvery: Every;
  saveEvery: Every;
}

/** Options for {@linkcode inSteps}. */
export interface InStepsOptions {
  /** The train rows there are. */
  rows: number;
  /** Where the settings came from: a flag, which starts with two dashes, or a file. */
  origins: Readonly<Record<string, string>>;
}

/**
 * Turns a length in epochs into steps, once the rows are counted. Of `--steps` and `--epochs` a flag has precedence over
 * a file.
 *
 * @param config The settings.
 * @param options The number of rows, and where settings came from.
 * @returns The settings, all in steps.
 * @throws {UsageError} If both lengths come from flags, or both from files.
 */
export function inSteps<Config extends Lengths>(config: Config, { rows, origins }: InStepsOptions): Config {
  const { epochs, ...others } = config;
  if (epochs === undefined) return config;
  const isFlag = (key: string) => origins[key]?.startsWith("--") ?? false;
  if ("steps" in origins) {
    if (isFlag("steps") === isFlag("epochs")) {
      throw new UsageError(`Cannot use --epochs ${epochs}: it excludes --steps, current value is ${config.steps}`);
    }
    if (isFlag("steps")) return others as Config;
  }
  const each = Math.ceil(rows / config.batchSize);
  const { validateEvery, saveEvery } = config;
  return {
    ...(others as Config),
    steps: epochs * each,
    validateEvery: "validateEvery" in origins ? validateEvery : each,
    saveEvery: "saveEvery" in origins || saveEvery === "never" ? saveEvery : each,
  };
}
