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

/**
 * Fits `seconds = messages · α + share · bytes / β` to timings by least squares of the relative errors, so that short
 * messages count as much as long ones.
 *
 * @param timings Timings of operations, of two sizes at least.
 * @param partners Ranks that took part.
 * @returns The link; a bandwidth of `Infinity` where time does not grow with size.
 * @throws {RangeError} If there are fewer than two sizes, fewer than two partners, or a timing is not above 0.
 *
 * @example What was put in comes out
 * ```ts
 * import { collectiveSeconds, fitLink } from "@amid/amid";
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
    throw new RangeError(`Cannot fit a link: timings of two sizes are needed, current number is ${timings.length}`);
  }
  if (!(partners > 1)) {
    throw new RangeError(`Cannot fit a link: two partners are needed, current number is ${partners}`);
  }
  const rows = timings.map(({ collective, bytes, seconds }) => {
    if (!(seconds > 0 && seconds < Infinity)) {
      throw new RangeError(`Cannot fit a link: seconds must be above 0, current value is ${seconds}`);
    }
    const [{ messages, share }] = collectiveCosts(collective, partners);
    return { x: messages / seconds, y: share * bytes / seconds };
  });
  // Least squares of α x + y / β = 1 for α and 1 / β.
  const [latency, inverse] = leastSquares(rows);
  return { latency, bandwidth: inverse > 0 ? 1 / inverse : Infinity };
}

/** Non-negative `a`, `b` for which `a x + b y` comes closest to 1. */
export function leastSquares(rows: readonly { x: number; y: number }[]): [number, number] {
  const total = (value: (row: { x: number; y: number }) => number) => rows.reduce((sum, row) => sum + value(row), 0);
  const [xx, xy, yy] = [total(({ x }) => x * x), total(({ x, y }) => x * y), total(({ y }) => y * y)];
  const [sx, sy] = [total(({ x }) => x), total(({ y }) => y)];
  const determinant = xx * yy - xy * xy;
  const a = determinant > 1e-12 * xx * yy ? (sx * yy - sy * xy) / determinant : 0;
  const b = determinant > 1e-12 * xx * yy ? (sy * xx - sx * xy) / determinant : sy / yy;
  if (a < 0) return [0, sy / yy];
  if (b < 0) return [sx / xx, 0];
  return [a, b];
}
