/**
 * How often the teacher's states of a row are cached when the row comes again.
 *
 * @module
 */

/** Options for {@linkcode cacheShare}. */
export interface CacheShareOptions {
  /** Times that each row is trained on. */
  epochs: number;
  /** Ranks that rows are dealt to. */
  ranks: number;
  /**
   * Whether ranks share what they have kept.
   *
   * @default {false}
   */
  shared?: boolean;
}

/** What a cache of teacher states achieves and costs. */
export interface CacheShare {
  /** Share of all rows of the run whose states are cached. */
  hits: number;
  /** Share of the data set that a rank has kept in the end. */
  kept: number;
}

/**
 * Follows rows that are dealt to the ranks again in each of `E` epochs: in epoch `e` a rank of `n` has met a row before
 * with probability `1 − (1 − 1/n)^(e − 1)`; the share over the run is `1 − n (1 − (1 − 1/n)^E) / E`, and `1 − 1/E` where
 * ranks share what they keep.
 *
 * @param options Epochs and ranks.
 * @returns The shares, from 0 to 1.
 * @throws {RangeError} If epochs or ranks are below 1.
 *
 * @example Two epochs on one rank: the second finds all, on a hundred ranks hardly anything
 * ```ts
 * import { cacheShare } from "@amid/amid/planning";
 *
 * console.log(cacheShare({ epochs: 2, ranks: 1 }).hits, cacheShare({ epochs: 2, ranks: 100 }).hits); // 0.5 0.005
 * ```
 */
export function cacheShare({ epochs, ranks, shared = false }: CacheShareOptions): CacheShare {
  for (const [name, value] of Object.entries({ epochs, ranks })) {
    if (value >= 1 && value < Infinity) continue;
    throw new RangeError(`Cannot estimate the cache: ${name} must be at least 1, current value is ${value}`);
  }
  const met = 1 - (1 - 1 / ranks) ** epochs;
  if (epochs === 1) return { hits: 0, kept: 1 / ranks };
  return { hits: Math.max(0, 1 - (shared ? 1 : ranks * met) / epochs), kept: shared ? 1 / ranks : met };
}
