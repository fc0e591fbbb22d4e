/**
 * Work that one rank does for all: files that are written or read once.
 *
 * @module
 */
import type { Communicator } from "./communicator.ts";
import { RankError } from "./deal.ts";
import { broadcastValue } from "./messages.ts";

/**
 * Has the first rank do some work, and gives every rank the result.
 *
 * @param communicator The ranks, all of which ask.
 * @param work What is done on the first one; JSON must be able to hold its result.
 * @throws {Error} If the work fails: on the first rank its own error, on the others a {@linkcode RankError} of that text.
 */
export async function onFirstRank<Value>(communicator: Communicator, work: () => Promise<Value>): Promise<Value> {
  if (communicator.size === 1) return await work();
  let failure: unknown;
  const outcome = communicator.rank === 0
    ? await work().then((value) => ({ value }), (error) => {
      failure = error;
      return { reason: error instanceof Error ? error.message : String(error) };
    })
    : undefined;
  const told = await broadcastValue(communicator, outcome as { value: Value } | { reason: string });
  if (failure !== undefined) throw failure;
  if ("reason" in told) throw new RankError(`rank 0: ${told.reason}`);
  return told.value;
}
