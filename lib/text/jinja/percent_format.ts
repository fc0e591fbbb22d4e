/**
 * `"%s of %d" % (a, b)`: Python's printf-style formatting.
 *
 * @module
 */
import { characters, lengthOf } from "./code_points.ts";
import { TemplateError, typeError, UnsupportedError, valueError } from "./errors.ts";
import { escape } from "./html.ts";
import { checkText } from "./limits.ts";
import { type Digits, floatDigits, wholeDigits, type WholeForm } from "./number_form.ts";
import { toFloat } from "./numbers.ts";
import { repr, text } from "./text_form.ts";
import { Dict, Instance, Markup, textIn, Tuple, typeName, Undefined, type Value } from "./value.ts";

interface Conversion {
  flags: string;
  width: number;
  precision?: number;
  type: string;
}

/**
 * Fills in a format.
 *
 * @throws {TemplateError} If arguments are too few, too many or of the wrong type, with Python's message.
 */
export function percentFormat(format: string | Markup, values: Value): string | Markup {
  const isSafe = format instanceof Markup;
  const source = isSafe ? format.text : format;
  const given = values instanceof Tuple ? values.items : [values];
  const isMapping = !(values instanceof Tuple) && textIn(values) === undefined && hasItems(values);
  let used = 0;
  const next = (): Value => {
    if (used >= given.length) throw typeError("not enough arguments for format string");
    return given[used++];
  };
  const star = (field: string | undefined): number | undefined => {
    if (field !== "*") return field === undefined ? undefined : Number(field || 0);
    const value = next();
    if (typeof value !== "bigint" && typeof value !== "boolean") throw typeError("* wants int");
    return Number(value);
  };
  const safe = (value: string | Markup) => isSafe ? escape(value).text : text(value);
  const pattern = /%(?:\(((?:[^()]|\([^()]*\))*)\))?([-+ #0]*)(\d+|\*)?(?:\.(\d+|\*)?)?[hlL]?([\s\S])?/gu;
  const filled = source.replace(pattern, (whole, key, flags, width, precision, type, offset: number) => {
    if (type === undefined) throw valueError("incomplete format");
    let mapped: Value | undefined;
    if (key !== undefined) {
      if (!isMapping) throw typeError("format requires a mapping");
      mapped = lookUp(values, key);
    }
    const wide = star(width) ?? 0;
    const hasPoint = /\.(\d+|\*)?[hlL]?[\s\S]$/u.test(whole) && whole.includes(".", whole.indexOf(")") + 1);
    const conversion: Conversion = {
      flags: wide < 0 ? `${flags}-` : flags,
      width: Math.abs(wide),
      precision: hasPoint ? Math.max(0, star(precision) ?? 0) : undefined,
      type,
    };
    checkText(Math.max(conversion.width, conversion.precision ?? 0));
    if (whole === "%%") return "%";
    const value = mapped ?? (key === undefined ? next() : null);
    const at = lengthOf(source.slice(0, offset + whole.length)) - 1;
    return convert(value, conversion, { safe, at });
  });
  if (used < given.length && !isMapping) throw typeError("not all arguments converted during string formatting");
  checkText(filled.length);
  return isSafe ? new Markup(filled) : filled;
}

const hasItems = (value: Value): boolean =>
  Array.isArray(value) || value instanceof Dict || value instanceof Undefined ||
  (value instanceof Instance && value.item !== undefined);

function lookUp(values: Value, key: string): Value {
  if (values instanceof Undefined) throw new TemplateError(values.kind, values.message());
  if (!(values instanceof Dict)) throw typeError(`${typeName(values)} indices must be integers or slices, not str`);
  const value = values.get(key);
  if (value === undefined) throw new TemplateError("KeyError", repr(key));
  return value;
}

/** The state of the format that conversions need. */
interface Around {
  safe: (value: string | Markup) => string;
  at: number;
}

function convert(value: Value, conversion: Conversion, { safe, at }: Around): string {
  const { type, precision } = conversion;
  const cut = (form: string) => precision === undefined ? form : characters(form).slice(0, precision).join("");
  if (type === "s") return padded(cut(safe(value instanceof Markup ? value : text(value))), conversion);
  if (type === "r") return padded(cut(safe(repr(value))), conversion);
  if (type === "a") throw new UnsupportedError('the conversion "%a"');
  if (type === "c") return padded(character(value), conversion);
  if ("diuoxX".includes(type)) return padNumber(whole(value, conversion), conversion);
  if ("eEfFgG".includes(type)) {
    if (typeof value !== "number" && typeof value !== "bigint" && typeof value !== "boolean") {
      if (value instanceof Undefined) throw new TemplateError(value.kind, value.message());
      throw typeError(`must be real number, not ${typeName(value)}`);
    }
    const float = toFloat(typeof value === "boolean" ? BigInt(value) : value);
    const form = type.toLowerCase() as "e" | "f" | "g";
    const digits = floatDigits(float, {
      form,
      precision: precision ?? 6,
      isAlternate: conversion.flags.includes("#"),
    });
    return padNumber(/[EFG]/.test(type) ? { ...digits, body: digits.body.toUpperCase() } : digits, conversion);
  }
  const code = type.codePointAt(0)!.toString(16);
  throw valueError(`unsupported format character '${type}' (0x${code}) at index ${at}`);
}

function character(value: Value): string {
  const own = textIn(value);
  if (own !== undefined && lengthOf(own) === 1) return own;
  if (typeof value !== "bigint" && typeof value !== "boolean") throw typeError("%c requires int or char");
  if (BigInt(value) < 0n || BigInt(value) > 0x10ffffn) {
    throw new TemplateError("OverflowError", "%c arg not in range(0x110000)");
  }
  return String.fromCodePoint(Number(value));
}

function whole(value: Value, { type, precision, flags }: Conversion): Digits {
  const isDecimal = "diu".includes(type);
  let number: bigint;
  if (typeof value === "bigint" || typeof value === "boolean") number = BigInt(value);
  else if (typeof value === "number" && isDecimal) {
    if (!Number.isFinite(value)) {
      const [kind, word] = Number.isNaN(value)
        ? ["ValueError", "NaN"] as const
        : ["OverflowError", "infinity"] as const;
      throw new TemplateError(kind, `cannot convert float ${word} to integer`);
    }
    number = BigInt(Math.trunc(value));
  } else {
    if (value instanceof Undefined) throw new TemplateError(value.kind, value.message());
    const wanted = isDecimal ? "a real number" : "an integer";
    throw typeError(`%${type} format: ${wanted} is required, not ${typeName(value)}`);
  }
  const digits = wholeDigits(number, (isDecimal ? "d" : type) as WholeForm, flags.includes("#"));
  return { ...digits, body: digits.body.padStart(precision ?? 0, "0") };
}

function padded(body: string, { flags, width }: Conversion): string {
  const space = " ".repeat(Math.max(0, width - lengthOf(body)));
  return flags.includes("-") ? body + space : space + body;
}

function padNumber({ isNegative, prefix, body }: Digits, conversion: Conversion): string {
  const { flags, width } = conversion;
  const sign = isNegative ? "-" : flags.includes("+") ? "+" : flags.includes(" ") ? " " : "";
  const head = sign + prefix;
  if (!flags.includes("0") || flags.includes("-")) return padded(head + body, conversion);
  return head + body.padStart(width - head.length, "0");
}
