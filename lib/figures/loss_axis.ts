/**
 * The axis of a loss.
 *
 * @module
 */
import type { Axis } from "./specification.ts";

/** Losses of more than this multiple of the median would flatten the other curves. */
const FLAT = 20;

/**
 * The vertical axis for some losses: logarithmic where the largest is so far above the middle that a plain one would show
 * nothing but it, and all are positive.
 *
 * @param text The title, with its unit.
 * @param losses What is drawn.
 */
export function lossAxis(text: string, losses: readonly number[]): Axis {
  const sorted = losses.toSorted((a, b) => a - b);
  const far = sorted[0] > 0 && sorted[sorted.length - 1] > FLAT * sorted[Math.floor(sorted.length / 2)];
  return { title: { text }, exponentformat: "power", ...far ? { type: "log", nticks: 6 } : {} };
}
