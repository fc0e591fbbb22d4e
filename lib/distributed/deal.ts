/**
 * Distributes work over ranks, and gathers the results.
 *
 * @module
 */
import type { Communicator } from "./communicator.ts";
import { gatherValues } from "./messages.ts";

/**
 * Distributes items so that all ranks have about the same weight: the heaviest first, each to the rank with the least
 * weight so far. The result depends only on the weights, so it is the same on every rank.
 *
 * @param weights Each item's weight, from 0.
 * @param size The number of ranks; some get nothing if there are fewer items.
 * @returns The indices of each rank's items, in ascending order.
 */
export function dealPlaces(weights: readonly number[], size: number): number[][] {
  const shares = Array.from({ length: size }, () => ({ places: [] as number[], weight: 0 }));
  const heaviest = [...weights.keys()].sort((a, b) => weights[b] - weights[a] || a - b);
  for (const place of heaviest) {
    // Among ranks of equal weight the one with fewer items is next, so that items of weight 0 are distributed evenly
    // too.
    const least = shares.reduce((least, share) => {
      const less = share.weight - least.weight || share.places.length - least.places.length;
      return less < 0 ? share : least;
    });
    least.places.push(place);
    least.weight += weights[place];
  }
  return shares.map(({ places }) => places.sort((a, b) => a - b));
}

/** How items are distributed. */
export interface ShareOptions<Item> {
  /**
   * The weight of an item.
   *
   * @default {the same for all}
   */
  weigh?: (item: Item) => number;
}

/**
 * A rank's share of items, in their order.
 *
 * @param items The items of all ranks.
 * @param options The ranks, and the weights of items.
 */
export function shareOf<Item>(
  items: readonly Item[],
  options: ShareOptions<Item> & { communicator: Pick<Communicator, "rank" | "size"> },
): readonly Item[] {
  const { communicator: { rank, size }, weigh = () => 1 } = options;
  if (size === 1) return items;
  return dealPlaces(items.map(weigh), size)[rank].map((place) => items[place]);
}

/** A rank failed in its share of some work. */
export class RankError extends Error {
  /** The error's name. */
  override name = "RankError";
}

/** Options for {@linkcode spread}. */
export interface SpreadOptions<Item, Result> extends ShareOptions<Item> {
  /** The ranks. */
  communicator: Communicator;
  /**
   * Does one share of the work, which may be empty. Returns results in the order of the items, serializable as JSON.
   */
  work: (items: readonly Item[], places: readonly number[]) => Promise<readonly Result[]>;
  /**
   * Creates the error that all ranks throw, from the message of the one that failed.
   *
   * @default {a RankError with the rank and the message}
   */
  failure?: (error: { rank: number; name: string; message: string }) => Error;
}

/**
 * Has each rank do a share of the work, and returns all results on every rank, in the order of the items.
 *
 * @throws {Error} On every rank if one of them failed, so that all ranks take the same path.
 */
export async function spread<Item, Result>(
  items: readonly Item[],
  options: SpreadOptions<Item, Result>,
): Promise<readonly Result[]> {
  const { communicator, work, weigh = () => 1, failure = rankError } = options;
  if (communicator.size === 1) return await work(items, [...items.keys()]);
  const deal = dealPlaces(items.map(weigh), communicator.size);
  const own = deal[communicator.rank];
  const outcome = await work(own.map((place) => items[place]), own).then(
    (results) => ({ results }),
    (error) => ({ name: error?.name ?? "Error", message: error?.message ?? String(error) }),
  );
  const outcomes = await gatherValues(communicator, outcome);
  const all: Result[] = Array(items.length);
  outcomes.forEach((outcome, rank) => {
    if (!("results" in outcome)) throw failure({ rank, ...outcome });
    deal[rank].forEach((place, index) => all[place] = outcome.results[index]);
  });
  return all;
}

const rankError = ({ rank, message }: { rank: number; message: string }): Error =>
  new RankError(`rank ${rank}: ${message}`);

/**
 * Whether a condition holds on any rank.
 *
 * @param communicator The ranks; all of them must call this.
 * @param here Whether it holds on this one.
 */
export async function onAnyRank(communicator: Communicator, here: boolean): Promise<boolean> {
  const flag = Float32Array.of(here ? 1 : 0);
  await communicator.allReduce(flag, { operation: "max" });
  return flag[0] > 0;
}
