/**
 * What measured steps work on.
 *
 * @module
 */
import type { Row } from "../../lib/batches/row.ts";
import type { WorkExtent } from "../../lib/planning/mod.ts";
import { keptTokens, trainingBatch } from "../../lib/batches/training_batch.ts";

/** The mean extent of the steps, with the longest row of all; plans of distributed runs are calibrated by it. */
export function meanExtent(batches: readonly Row[][]): Required<WorkExtent> {
  const packed = batches.map((rows) => trainingBatch(rows).tokens);
  const squares = packed.map(({ rowLengths, prefixes }) =>
    rowLengths.reduce((sum, length, row) => sum + length ** 2 - (prefixes?.[row].length ?? 0) ** 2, 0)
  );
  return {
    rows: batches[0].length,
    longestRow: Math.max(...packed.flatMap(({ rowLengths }) => rowLengths)),
    positions: mean(packed.map(({ ids }) => ids.length)),
    keptTokens: mean(batches.map(keptTokens)),
    squares: mean(squares),
  };
}

/** The mean of some numbers. */
export const mean = (numbers: readonly number[]): number =>
  numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
