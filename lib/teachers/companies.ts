/**
 * Which rows the teacher sees together where its states are kept.
 *
 * The last bits of a row's states depend on the rows that share its pass. A run that resumes from a checkpoint has kept
 * nothing, and would meet its rows in other company; so each row has a company of its own, whenever it is first needed:
 * that of the first epoch.
 *
 * @module
 */
import { batches, type BatchesOptions } from "../batches/batches.ts";
import { type Row, rowKey } from "../batches/row.ts";
import type { RowShares } from "../batches/row_shares.ts";
import { microBatches } from "../batches/training_batch.ts";

/** Gives the rows that the teacher sees together with a row, itself among them; nothing for a row of another source. */
export type Companies = (row: Row) => readonly Row[] | undefined;

/**
 * Groups rows as the first epoch meets them.
 *
 * @param rows The run's rows.
 * @param options The run's batches, its micro-batches if it has some, and this rank's share of a batch if there are several.
 */
export function companies(
  rows: readonly Row[],
  { microBatchSize, shares = (rows) => rows, ...order }: Omit<BatchesOptions, "cursor"> & {
    microBatchSize?: number;
    shares?: RowShares;
  },
): Companies {
  const found = new Map<string, Row[]>();
  for (const batch of batches(rows, order)) {
    for (const part of microBatches(shares(batch.rows), microBatchSize)) {
      const fresh = part.filter((row) => !found.has(rowKey(row)));
      for (const row of fresh) found.set(rowKey(row), fresh);
    }
    if (batch.next.epoch > 0) break;
  }
  return (row) => found.get(rowKey(row));
}
