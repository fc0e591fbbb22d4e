/**
 * Filters on numbers.
 *
 * @module
 */
import { isError, TemplateError, typeError, valueError } from "./errors.ts";
import { type Filter, filter } from "./filter.ts";
import { divideRounded, fixed, scaled } from "./float_text.ts";
import { formatValue } from "./format_spec.ts";
import { numeric, readFloat, readInteger, toFloat, truncated } from "./numbers.ts";
import { operate } from "./operators.ts";
import { checkDefined, integer, place, truth } from "./protocol.ts";
import { repr } from "./text_form.ts";
import { textIn, typeName, type Value } from "./value.ts";

/** Python's `int(value)`, or `int(value, base)` for a string. */
function toInteger(value: Value, base: Value): bigint {
  const own = textIn(value);
  checkDefined(value);
  if (own !== undefined) {
    const radix = place(integer(base));
    if (radix !== 0 && (radix < 2 || radix > 36)) throw valueError("int() base must be >= 2 and <= 36, or 0");
    const found = readInteger(own, radix);
    if (found === undefined) throw valueError(`invalid literal for int() with base ${radix}: ${repr(own)}`);
    return found;
  }
  const number = numeric(value);
  if (number === undefined) {
    throw typeError(
      `int() argument must be a string, a bytes-like object or a real number, not '${typeName(value)}'`,
    );
  }
  return typeof number === "bigint" ? number : truncated(number);
}

/** Python's `float(value)`. */
export function asFloat(value: Value): number {
  const own = textIn(value);
  checkDefined(value);
  if (own !== undefined) {
    const found = readFloat(own);
    if (found === undefined) throw valueError(`could not convert string to float: ${repr(own)}`);
    return found;
  }
  const number = numeric(value);
  if (number === undefined) {
    throw typeError(`float() argument must be a string or a real number, not '${typeName(value)}'`);
  }
  return toFloat(number);
}

/** The result of the first function that does not throw one of these errors, or the fallback. */
function attempt<T>(ways: (() => T)[], kinds: Parameters<typeof isError>[1][][], fallback: T): T {
  for (const [index, way] of ways.entries()) {
    try {
      return way();
    } catch (error) {
      if (!isError(error, ...kinds[index])) throw error;
    }
  }
  return fallback;
}

/** Python's `round(value, places)`. */
function rounded(value: Value, places: Value): Value {
  const number = numeric(value);
  if (number === undefined) throw typeError(`type ${typeName(value)} doesn't define __round__ method`);
  const digits = place(integer(places));
  if (typeof number === "bigint") {
    if (digits >= 0) return number;
    const unit = 10n ** BigInt(Math.min(-digits, 5000));
    const size = divideRounded(number < 0n ? -number : number, unit) * unit;
    return number < 0n ? -size : size;
  }
  if (!Number.isFinite(number) || digits > 323) return number;
  if (digits < -308) return number < 0 ? -0 : 0;
  const size = digits >= 0 ? Number(fixed(number, digits)) : Number(scaled(number, digits) * 10n ** BigInt(-digits));
  if (!Number.isFinite(size)) throw new TemplateError("OverflowError", "rounded value too large to represent");
  return number < 0 || Object.is(number, -0) ? -size : size;
}

function round(value: Value, places: Value, method: Value): Value {
  const name = textIn(method);
  if (name !== "common" && name !== "ceil" && name !== "floor") {
    throw new TemplateError("FilterArgumentError", "method must be common, ceil or floor");
  }
  if (name === "common") return rounded(value, places);
  const unit = operate("**", 10n, places);
  const size = operate("*", value, unit);
  const number = numeric(size);
  if (number === undefined) throw typeError(`must be real number, not ${typeName(size)}`);
  const whole = typeof number === "bigint" ? number : truncated(Math[name](number));
  return operate("/", whole, unit);
}

function fileSize(value: Value, isBinary: boolean): string {
  const bytes = asFloat(value);
  const base = isBinary ? 1024 : 1000;
  if (bytes === 1) return "1 Byte";
  if (bytes < base) return `${truncated(bytes)} Bytes`;
  const prefixes = isBinary ? ["K", "M", "G", "T", "P", "E", "Z", "Y"] : ["k", "M", "G", "T", "P", "E", "Z", "Y"];
  const index = prefixes.findIndex((_, index) => bytes < base ** (index + 2));
  const chosen = index === -1 ? prefixes.length - 1 : index;
  const size = (base * bytes) / base ** (chosen + 2);
  return `${formatValue(size, ".1f")} ${prefixes[chosen]}${isBinary ? "iB" : "B"}`;
}

function absolute(value: Value): Value {
  const number = numeric(value);
  if (number === undefined) throw typeError(`bad operand type for abs(): '${typeName(value)}'`);
  return typeof number === "bigint" ? (number < 0n ? -number : number) : Math.abs(number);
}

/** Filters on numbers, by name. */
export const NUMBER_FILTERS: Readonly<Record<string, Filter>> = {
  abs: filter("abs(x, /)", (_, value) => absolute(value)),
  filesizeformat: filter(
    "do_filesizeformat(value, binary=False)",
    (_, value, binary) => fileSize(value, truth(binary)),
  ),
  float: filter(
    "do_float(value, default=0.0)",
    (_, value, fallback) => attempt<Value>([() => asFloat(value)], [["TypeError", "ValueError"]], fallback),
  ),
  int: filter("do_int(value, default=0, base=10)", (_, value, fallback, base) =>
    attempt<Value>(
      [() => toInteger(value, base), () => truncated(asFloat(value))],
      [["TypeError", "ValueError"], ["TypeError", "ValueError", "OverflowError"]],
      fallback,
    )),
  round: filter(
    "do_round(value, precision=0, method='common')",
    (_, value, places, method) => round(value, places, method),
  ),
};
