/**
 * Which of a step's rows a rank processes.
 *
 * @module
 */
import { batches, type BatchesOptions } from "./batches.ts";
import { type Row, rowKey } from "./row.ts";
import type { Communicator } from "../distributed/communicator.ts";
import { dealPlaces, shareOf } from "../distributed/deal.ts";

/** Returns this rank's share of a step's rows; each row is in exactly one rank's share. */
export type RowShares = (rows: readonly Row[]) => readonly Row[];

/** What identifies a rank. */
type Place = Pick<Communicator, "rank" | "size">;

const rowLength = ({ ids }: Row): number => ids.length;

/** Shares with about the same number of tokens, for any rows. */
export function balancedShares(communicator: Place): RowShares {
  return (rows) => shareOf(rows, { communicator, weigh: rowLength });
}

/**
 * Shares in which a row goes to the same rank in every epoch, so that states that the rank has cached are reused. In
 * the first epoch a step's shares have about the same number of tokens; in later ones they do on average.
 *
 * @param rows The run's rows; any other row is assigned by its length alone.
 * @param options The ranks, and the run's batches.
 */
export function lastingShares(
  rows: readonly Row[],
  { communicator, ...order }: Omit<BatchesOptions, "cursor"> & { communicator: Place },
): RowShares {
  const { rank, size } = communicator;
  if (size === 1) return (rows) => rows;
  const owners = new Map<string, number>();
  for (const batch of batches(rows, order)) {
    const shares = dealPlaces(batch.rows.map(rowLength), size);
    for (const [owner, places] of shares.entries()) {
      for (const place of places) {
        const key = rowKey(batch.rows[place]);
        if (!owners.has(key)) owners.set(key, owner);
      }
    }
    if (batch.next.epoch > 0) break;
  }
  return (rows) => {
    const owned = rows.map((row) => owners.get(rowKey(row)));
    if (owned.some((owner) => owner === undefined)) return shareOf(rows, { communicator, weigh: rowLength });
    return rows.filter((_, place) => owned[place] === rank);
  };
}
