/**
 * Numbers as figures write them.
 *
 * @module
 */
import { escapeHtml } from "../html/html.ts";

/** A token in readable form, its spaces and line ends visible. */
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

/** A loss with some decimals; large ones, and small ones that the decimals would not show, as a power of ten. */
export function lossText(value: number, decimals: number): string {
  const size = Math.abs(value);
  if (size < 1e4 && (size === 0 || size >= 10 ** -decimals)) return value.toFixed(decimals).replace("-", "−");
  if (!Number.isFinite(value)) return String(value).replace("-", "−").replace("Infinity", "∞");
  const [digits, exponent] = value.toExponential(2).split("e");
  return `${digits} · 10^${Number(exponent)}`.replaceAll("-", "−");
}
