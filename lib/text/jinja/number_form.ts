/**
 * Numbers in the presentation types of format strings: `d`, `x`, `f`, `e`, `g` and so on.
 *
 * @module
 */
import { exponentText, fixed, floatText, significant } from "./float_text.ts";
import { LimitError } from "./errors.ts";
import { MAX_PRECISION } from "./limits.ts";

/** The digits of a number, without its sign. */
export interface Digits {
  /** Whether it is negative. */
  isNegative: boolean;
  /** The prefix of the digits, such as `0x`. */
  prefix: string;
  /** The digits. */
  body: string;
}

/** The forms of integers. */
export type WholeForm = "b" | "c" | "d" | "n" | "o" | "x" | "X";

/** Writes an integer. */
export function wholeDigits(value: bigint, form: WholeForm, isAlternate: boolean): Digits {
  const base = { b: 2, o: 8, x: 16, X: 16 }[form as string] ?? 10;
  const isNegative = value < 0n;
  const body = (isNegative ? -value : value).toString(base);
  const prefix = isAlternate && base !== 10 ? `0${form}` : "";
  return { isNegative, prefix, body: form === "X" ? body.toUpperCase() : body };
}

/** How a float is written. */
export interface FloatForm {
  /** The letter; `r` for the shortest digits that round-trip. */
  form: "e" | "f" | "g" | "r";
  /** Digits after the point, or with `g` digits in all. */
  precision: number;
  /** Whether to write the point even without following digits. */
  isAlternate: boolean;
}

/** Writes a float. */
export function floatDigits(value: number, { form, precision, isAlternate }: FloatForm): Digits {
  const isNegative = value < 0 || Object.is(value, -0);
  const of = (body: string): Digits => ({ isNegative, prefix: "", body });
  if (!Number.isFinite(value)) return of(floatText(Math.abs(value)));
  if (precision > MAX_PRECISION) {
    throw new LimitError(`a number may have ${MAX_PRECISION} digits, this one would have ${precision}`);
  }
  const point = isAlternate ? "." : "";
  if (form === "f") return of(fixed(value, precision) + (precision === 0 ? point : ""));
  if (form === "e") {
    const { digits, exponent } = significant(value, precision + 1);
    return of(`${digits[0]}${precision > 0 ? `.${digits.slice(1)}` : point}e${exponentText(exponent)}`);
  }
  if (form === "r") return of(floatText(Math.abs(value)));
  return of(generalDigits(value, { precision: Math.max(1, precision), isAlternate, from: 0 }));
}

/** Options for {@linkcode generalDigits}. */
interface GeneralOptions {
  precision: number;
  isAlternate: boolean;
  /** One less than how far the exponent must stay below the precision. */
  from: number;
}

/** The form `g`: without an exponent if the magnitude allows it, without trailing zeros. */
export function generalDigits(value: number, { precision, isAlternate, from }: GeneralOptions): string {
  const { digits, exponent } = significant(value, precision);
  const trimmed = isAlternate ? digits : digits.replace(/0+$/, "");
  if (exponent < -4 || exponent >= precision - from) {
    const rest = trimmed.slice(1);
    return `${digits[0]}${rest || isAlternate ? `.${rest}` : ""}e${exponentText(exponent)}`;
  }
  if (exponent < 0) return `0.${"0".repeat(-exponent - 1)}${trimmed}`;
  const rest = trimmed.slice(exponent + 1);
  return digits.slice(0, exponent + 1) + (rest || isAlternate ? `.${rest}` : "");
}

/** Inserts a separator between groups of digits. */
export function grouped(digits: string, separator: string, size: number = 3): string {
  const match = digits.match(/^[0-9a-fA-F]+/);
  const whole = match ? match[0] : "";
  const groups: string[] = [];
  for (let end = whole.length; end > 0; end -= size) groups.unshift(whole.slice(Math.max(0, end - size), end));
  return groups.join(separator) + digits.slice(whole.length);
}
