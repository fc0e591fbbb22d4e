/**
 * Rows that a model is looked at on before it is cut.
 *
 * @module
 */
import { type PackedTokens, packTokens } from "../../batches/packed_tokens.ts";

/** How rows are gone through. */
export interface CalibrationOptions {
  /**
   * Rows processed at once.
   *
   * @default {8}
   */
  batchSize?: number;
  /** Is called with the number of rows done. */
  onRows?: (done: number) => void;
}

/**
 * Goes through calibration rows.
 *
 * @param rows Rows of token ids.
 * @param look Looks at a few of them, packed.
 * @throws {RangeError} If there is no row.
 */
export async function forCalibration(
  rows: readonly (readonly number[])[],
  { batchSize = 8, onRows }: CalibrationOptions,
  look: (tokens: PackedTokens) => Promise<void>,
): Promise<void> {
  if (rows.length === 0) throw new RangeError("Cannot prune: there must be a row to calibrate on, got none");
  for (let from = 0; from < rows.length; from += batchSize) {
    await look(packTokens(rows.slice(from, from + batchSize)));
    onRows?.(Math.min(rows.length, from + batchSize));
  }
}
