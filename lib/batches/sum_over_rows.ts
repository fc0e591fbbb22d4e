/**
 * Sums over rows, a batch at a time, on one rank or several.
 *
 * @module
 */
import type { Communicator } from "../distributed/communicator.ts";
import { shareOf } from "../distributed/deal.ts";
import type { Row } from "./row.ts";
import { microBatches } from "./training_batch.ts";

/** Options for {@linkcode sumOverRows}. */
export interface SumOverRowsOptions {
  /** Rows worked on at once, those of similar length together. */
  batchSize: number;
  /** The ranks that share the rows: all are given all rows, and all get the sum over all. */
  communicator?: Communicator;
  /** The sum over a batch's rows. */
  sumOf: (rows: readonly Row[]) => Promise<number>;
}

/** Adds up what each batch sums to. */
export async function sumOverRows(
  rows: readonly Row[],
  { batchSize, communicator, sumOf }: SumOverRowsOptions,
): Promise<number> {
  const share = communicator ? shareOf(rows, { communicator, weigh: ({ ids }) => ids.length }) : rows;
  let sum = 0;
  for (const batch of microBatches(share, batchSize)) sum += await sumOf(batch);
  const total = Float64Array.of(sum);
  await communicator?.allReduce(total);
  return total[0];
}
