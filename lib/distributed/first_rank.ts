/**
 * Work that one rank does for all, such as files that are written or read once.
 *
 * @module
 */
import type { Communicator } from "./communicator.ts";
import { RankError } from "./deal.ts";
import { broadcastValue } from "./messages.ts";

/**
 * Has the first rank do some work, and returns the result on every rank.
 *
 * @param communicator The ranks; all of them must call this.
 * @param work The work of the first rank; its result must be serializable as JSON.
 * @throws {Error} If the work fails: on the first rank the original error, on the others a {@linkcode RankError} with
 * its message.
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
  const result = await broadcastValue(communicator, outcome as { value: Value } | { reason: string });
  if (failure !== undefined) throw failure;
  if ("reason" in result) throw new RankError(`rank 0: ${result.reason}`);
  return result.value;
}
