/**
 * Numbers as figures write them.
 *
 * @module
 */
import { escapeHtml } from "./html.ts";

/** A token as one can read it, its spaces and line ends seen. */
export function visibleToken(token: string): string {
  return `“${escapeHtml(token.replace(/\n/g, "⏎").replace(/^ /, "␣"))}”`;
}

/** A number with a minus as wide as a plus, ±∞ as the sign. */
export function signedNumber(value: number): string {
  if (!Number.isFinite(value)) return value > 0 ? "+∞" : "−∞";
  return String(value).replace("-", "−");
}

/** The numbers with five digits: what a figure can show, and a quarter of the text. */
export function shortNumbers(values: readonly number[]): number[] {
  return values.map((value) => Number(value.toPrecision(5)));
}
