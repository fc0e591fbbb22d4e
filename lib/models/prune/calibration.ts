/**
 * Calibration rows for pruning.
 *
 * @module
 */
import { type PackedTokens, packTokens } from "../../batches/packed_tokens.ts";

/** Options for going through rows. */
export interface CalibrationOptions {
  /**
   * Rows processed at once.
   *
   * @default {8}
   */
  batchSize?: number;
  /** Called with the number of rows done. */
  onRows?: (done: number) => void;
}

/**
 * Goes through calibration rows.
 *
 * @param rows Rows of token ids.
 * @param look Processes a few of them, packed.
 * @throws {RangeError} If there are no rows.
 */
export async function forCalibration(
  rows: readonly (readonly number[])[],
  { batchSize = 8, onRows }: CalibrationOptions,
  look: (tokens: PackedTokens) => Promise<void>,
): Promise<void> {
  if (rows.length === 0) {
    throw new RangeError("Cannot prune: at least one row to calibrate on is needed, current count is 0");
  }
  for (let from = 0; from < rows.length; from += batchSize) {
    await look(packTokens(rows.slice(from, from + batchSize)));
    onRows?.(Math.min(rows.length, from + batchSize));
  }
}
