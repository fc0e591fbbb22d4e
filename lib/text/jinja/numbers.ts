/**
 * Conversions between values and numbers.
 *
 * @module
 */
import { TemplateError } from "./errors.ts";
import { stripped } from "./text_search.ts";
import type { Value } from "./value.ts";

/** An integer, a float or a boolean as a number; undefined for other values. */
export function numeric(value: Value): bigint | number | undefined {
  if (typeof value === "boolean") return BigInt(value);
  return typeof value === "bigint" || typeof value === "number" ? value : undefined;
}

/** An integer as the nearest float. */
export function toFloat(value: bigint | number): number {
  const float = Number(value);
  if (typeof value === "bigint" && !Number.isFinite(float)) {
    throw new TemplateError("OverflowError", "int too large to convert to float");
  }
  return float;
}

/** A float truncated to an integer. */
export function truncated(value: number): bigint {
  if (Number.isNaN(value)) throw new TemplateError("ValueError", "cannot convert float NaN to integer");
  if (!Number.isFinite(value)) throw new TemplateError("OverflowError", "cannot convert float infinity to integer");
  return BigInt(Math.trunc(value));
}

/** The maximum number of digits that Python reads as an integer; the filter `int` then reads it as a float. */
const MAX_DIGITS = 4300;

const WHOLE = /^[-+]?\d+(_\d+)*$/;
const FLOAT = /^[-+]?(\d+(_\d+)*\.?(\d+(_\d+)*)?|\.\d+(_\d+)*)(e[-+]?\d+(_\d+)*)?$/i;

/** Reads an integer as Python's `int(text, base)` does; undefined if the string is not an integer. */
export function readInteger(text: string, base: number): bigint | undefined {
  const digits = westernDigits(text);
  if (digits.length > MAX_DIGITS) return undefined;
  if (base === 10) return WHOLE.test(digits) ? BigInt(digits.replace(/[_+]/g, "")) : undefined;
  const [, sign, given, body] = digits.toLowerCase().match(/^([-+]?)(0[box])?_?(.*)$/s)!;
  const own = { "0b": 2, "0o": 8, "0x": 16 }[given];
  const zeroed = base === 0 ? own ?? 10 : base;
  // In base 16, "0b1" is a three-digit number.
  const rest = own === zeroed ? body : (given ?? "") + body;
  if (!/^[0-9a-z]+(_[0-9a-z]+)*$/.test(rest)) return undefined;
  let value = 0n;
  for (const digit of rest.replaceAll("_", "")) {
    const worth = parseInt(digit, 36);
    if (worth >= zeroed) return undefined;
    value = value * BigInt(zeroed) + BigInt(worth);
  }
  if (base === 0 && own === undefined && /^0+[1-9]/.test(rest)) return undefined;
  return sign === "-" ? -value : value;
}

/** Reads a float as Python's `float(text)` does; undefined if the string is not a float. */
export function readFloat(text: string): number | undefined {
  const digits = westernDigits(text).toLowerCase();
  const word = digits.match(/^([-+]?)(inf|infinity|nan)$/);
  if (word) return word[2] === "nan" ? NaN : word[1] === "-" ? -Infinity : Infinity;
  return FLOAT.test(digits) ? Number(digits.replaceAll("_", "")) : undefined;
}

/** Converts digits of any script to ASCII; surrounding white space is trimmed. */
function westernDigits(text: string): string {
  const bare = stripped(text, null, "both");
  // The ten digits of a script are consecutive, also in scripts with several sets of digits.
  return bare.replace(/\p{Nd}/gu, (digit) => {
    const code = digit.codePointAt(0)!;
    let first = code;
    while (/\p{Nd}/u.test(String.fromCodePoint(first - 1))) first--;
    return String((code - first) % 10);
  });
}
