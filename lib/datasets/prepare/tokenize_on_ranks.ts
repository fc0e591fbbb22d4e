/**
 * Tokenizes on several ranks, each with its own workers. The results are the same as on one rank, in the same order.
 *
 * @module
 */
import type { Communicator } from "../../distributed/communicator.ts";
import { RankError } from "../../distributed/deal.ts";
import { gatherValues } from "../../distributed/messages.ts";
import { tokenizeAll, type TokenizeAllOptions, type Work, type WorkDone } from "./tokenize_pool.ts";

/** What a rank sends to the others per chunk: the result or the error; neither once it has no chunks left. */
interface Message {
  done?: Omit<WorkDone, "ids"> & { ids: number[] };
  error?: string;
}

/**
 * Processes chunks of work in turn: the first on the first rank, the second on the second, and so on.
 *
 * @param pieces The work, the same on every rank.
 * @param options The ranks, the tokenizer, and the number of workers per rank.
 * @returns The result of each, in their order, on every rank.
 * @throws {RankError} On every rank, if a chunk fails on one.
 */
export async function* tokenizeOnRanks(
  pieces: AsyncIterable<Work> | Iterable<Work>,
  { communicator, ...options }: TokenizeAllOptions & { communicator: Communicator },
): AsyncGenerator<WorkDone, void> {
  if (communicator.size === 1) return yield* tokenizeAll(pieces, options);
  const own = tokenizeAll(shareOf(pieces, communicator), options);
  try {
    for (;;) {
      const message = await own.next().then(
        ({ done, value }): Message => done ? {} : { done: { ...value, ids: [...value.ids] } },
        (error): Message => ({ error: error instanceof Error ? error.message : String(error) }),
      );
      const round = await gatherValues(communicator, message);
      for (const [rank, { done, error }] of round.entries()) {
        if (error !== undefined) throw new RankError(`rank ${rank}: ${error}`);
        if (done) yield { ...done, ids: Uint32Array.from(done.ids) };
      }
      if (round.some(({ done }) => !done)) return;
    }
  } finally {
    await own.return();
  }
}

async function* shareOf(
  pieces: AsyncIterable<Work> | Iterable<Work>,
  { rank, size }: Communicator,
): AsyncGenerator<Work, void> {
  let index = 0;
  for await (const piece of pieces) if (index++ % size === rank) yield piece;
}
