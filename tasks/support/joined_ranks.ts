/**
 * The ranks that a task has joined, and how it leaves them or fails with them. Every task ends here, so that nothing
 * that computes is loaded.
 *
 * @module
 */
import type { Communicator } from "../../lib/distributed/communicator.ts";
import { RankError } from "../../lib/distributed/deal.ts";
import type { MpiCommunicator } from "../../lib/distributed/mpi/mpi.ts";
import { launchedRank, launchedRanks } from "./launched.ts";

/** The ranks, and MPI's of them; neither before they are joined. */
export const joined: { ranks?: Communicator; control?: MpiCommunicator } = {};

/** Leaves the ranks at a task's end, once all of them have reached it. */
export function leaveRanks(): void {
  joined.ranks?.dispose();
  joined.ranks = joined.control = undefined;
}

/** How long another rank that fails alike, or has said why, is waited for, in milliseconds. */
const PATIENCE = 3000;

/**
 * Says why a task failed, and ends all its ranks. What fails on every rank is reported by the first one alone.
 *
 * @param error What was thrown.
 * @param say Says it, with this rank's name in front where there are several.
 */
export async function failTogether(error: unknown, say: (rank: string) => void): Promise<void> {
  const { ranks } = joined;
  const rank = ranks?.rank ?? launchedRank();
  const many = (ranks?.size ?? launchedRanks()) > 1;
  if (!many) return say("");
  // Another rank threw the error that this one only received, and will end this one.
  if (error instanceof RankError) await delay(2 * PATIENCE);
  else if (rank > 0) await delay(PATIENCE);
  say(`rank ${rank}: `);
  await delay(PATIENCE / 10); // the launcher must read it before everything ends
  ranks?.abort(1);
}

const delay = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
