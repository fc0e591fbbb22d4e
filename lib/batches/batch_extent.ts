/**
 * The size of a run's batches.
 *
 * @module
 */
import { aRow, checkArguments, checkList, objectWith } from "../arguments/check_arguments.ts";
import { batches } from "./batches.ts";
import { checkRow, type Row } from "./row.ts";
import { microBatches, trainingBatch } from "./training_batch.ts";

/** The quantities that determine the memory of a forward and backward pass. */
export interface BatchExtent {
  /** Rows processed at once. */
  rows: number;
  /** Positions of the longest row. */
  longestRow: number;
  /** Positions of all rows; a shared prefix counts once. */
  positions: number;
  /** Positions that predict a response token. */
  keptTokens: number;
}

/** Options for {@linkcode batchExtent}. */
export interface BatchExtentOptions {
  /** Rows per step. */
  batchSize: number;
  /**
   * Rows per micro-batch.
   *
   * @default {all rows of a step}
   */
  microBatchSize?: number;
  /**
   * Decides the order of the rows, as in the run.
   *
   * @default {0}
   */
  seed?: number;
  /**
   * How many of the first steps are examined.
   *
   * @default {200}
   */
  steps?: number;
}

/**
 * Finds the maximum of each quantity over the first batches of a run.
 *
 * @param rows The rows of the run.
 * @param options Sizes, seed and steps, as in the run.
 * @throws {RangeError} If there is no row, or a row has no prompt or no response.
 *
 * @example Two rows of three tokens in one batch
 * ```ts
 * import assert from "node:assert/strict";
 * import { batchExtent } from "@amid/amid/training";
 *
 * const rows = [{ ids: [1, 2, 3], promptLength: 1 }, { ids: [4, 5, 6], promptLength: 2 }];
 * assert.deepEqual(batchExtent(rows, { batchSize: 2 }), { rows: 2, longestRow: 2, positions: 4, keptTokens: 3 });
 * ```
 */
export function batchExtent(rows: readonly Row[], options: BatchExtentOptions): BatchExtent {
  checkArguments("measure batches", { options: [options, objectWith("batchSize")] });
  checkList("measure batches", { rows }, aRow);
  const { batchSize, microBatchSize, seed = 0, steps = 200 } = options;
  rows.forEach(checkRow);
  const most: BatchExtent = { rows: 0, longestRow: 0, positions: 0, keptTokens: 0 };
  for (const batch of batches(rows, { batchSize, seed, window: 1 }).take(steps)) {
    for (const part of microBatches(batch.rows, microBatchSize)) {
      const { tokens, keep } = trainingBatch(part);
      most.rows = Math.max(most.rows, part.length);
      most.longestRow = Math.max(most.longestRow, ...tokens.rowLengths);
      most.positions = Math.max(most.positions, tokens.ids.length);
      most.keptTokens = Math.max(most.keptTokens, keep.length);
    }
  }
  return most;
}
