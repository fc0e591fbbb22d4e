/**
 * Latency and bandwidth from measured operations.
 *
 * @module
 */
import { type Collective, collectiveCosts, type Link } from "./collectives.ts";

/** A measured operation. */
export interface CollectiveTiming {
  /** The operation. */
  collective: Collective;
  /** Bytes of the whole tensor. */
  bytes: number;
  /** Seconds that it took. */
  seconds: number;
}

/** How often latency and bandwidth are refitted, each given the other. */
const ROUNDS = 60;

/**
 * Fits `seconds = messages · α + share · bytes / β` to timings: `α` is the median over timings that mostly wait,
 * `β` over those that mostly move bytes, each less the other's part. A timing that something else disturbed has no more
 * weight than any other.
 *
 * @param timings Timings of operations, of two sizes at least.
 * @param partners Ranks that took part.
 * @returns The link; a bandwidth of `Infinity` where time does not grow with size.
 * @throws {RangeError} If there are fewer than two sizes, fewer than two partners, or a timing is not above 0.
 *
 * @example Timings made from a link give that link
 * ```ts
 * import { collectiveSeconds, fitLink } from "@amid/amid/planning";
 *
 * const link = { latency: 1e-5, bandwidth: 1e9 };
 * const timings = [1e3, 1e6].map((bytes) => ({
 *   collective: "all-reduce" as const,
 *   bytes,
 *   seconds: collectiveSeconds("all-reduce", { bytes, partners: 2, link }),
 * }));
 * console.log(fitLink(timings, 2)); // { latency: 0.00001, bandwidth: 1000000000 }, to rounding
 * ```
 */
export function fitLink(timings: readonly CollectiveTiming[], partners: number): Link {
  if (new Set(timings.map(({ bytes }) => bytes)).size < 2) {
    throw new RangeError(`Cannot fit a link: timings of two sizes are needed, current count is ${timings.length}`);
  }
  if (!(partners > 1)) {
    throw new RangeError(`Cannot fit a link: two partners are needed, current count is ${partners}`);
  }
  const measured = timings.map(({ collective, bytes, seconds }) => {
    if (!(seconds > 0 && seconds < Infinity)) {
      throw new RangeError(`Cannot fit a link: seconds must be above 0, current value is ${seconds}`);
    }
    const [{ messages, share }] = collectiveCosts(collective, partners);
    return { messages, moved: share * bytes, seconds };
  });
  const sizes = measured.map(({ moved, messages }) => moved / messages);
  const [least, most] = [Math.min(...sizes), Math.max(...sizes)];
  let [latency, inverse] = [0, 0];
  for (let round = 0; round < ROUNDS; round++) {
    // Messages of this size wait as long as they move; before there is a fit the smallest and the largest are distinguished.
    const even = Math.max(
      least,
      Math.min(inverse > 0 ? latency / inverse : Math.sqrt(least * most), most * (1 - 1e-9)),
    );
    const [waiting, moving] = [measured.filter((_, i) => sizes[i] <= even), measured.filter((_, i) => sizes[i] > even)];
    latency = Math.max(
      0,
      median(waiting.map(({ seconds, moved, messages }) => (seconds - moved * inverse) / messages)),
    );
    inverse = Math.max(0, median(moving.map(({ seconds, moved, messages }) => (seconds - messages * latency) / moved)));
  }
  return { latency, bandwidth: inverse > 0 ? 1 / inverse : Infinity };
}

function median(numbers: number[]): number {
  const sorted = numbers.sort((a, b) => a - b);
  return (sorted[Math.floor((sorted.length - 1) / 2)] + sorted[Math.ceil((sorted.length - 1) / 2)]) / 2;
}
