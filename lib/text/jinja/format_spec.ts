/**
 * Format specifications as in `"{:>10.2f}".format(x)`: Python's "Format Specification Mini-Language".
 *
 * @module
 */
import { characters, lengthOf } from "./code_points.ts";
import { TemplateError, typeError, UnsupportedError, valueError } from "./errors.ts";
import { checkText } from "./limits.ts";
import { type Digits, floatDigits, generalDigits, grouped, wholeDigits, type WholeForm } from "./number_form.ts";
import { toFloat } from "./numbers.ts";
import { text } from "./text_form.ts";
import { textIn, typeName, type Value } from "./value.ts";

interface Spec {
  fill: string;
  align: string;
  sign: string;
  isAlternate: boolean;
  isZeroed: boolean;
  width: number;
  separator: string;
  precision?: number;
  type: string;
}

const SPEC = /^(?:([\s\S])?([<>=^]))?([-+ ])?(z)?(#)?(0)?(\d+)?([,_])?(?:\.(\d+))?([\s\S])?$/u;

function read(spec: string, value: Value): Spec {
  const match = spec.match(SPEC);
  if (!match) {
    throw valueError(
      /\.(?!\d)/.test(spec)
        ? "Format specifier missing precision"
        : `Invalid format specifier '${spec}' for object of type '${typeName(value)}'`,
    );
  }
  const [, fill, align, sign, z, alternate, zero, width, separator, precision, type] = match;
  if (z) throw new UnsupportedError(`the option "z" of the format specifier "${spec}"`);
  const of = { width: Number(width ?? 0), precision: precision === undefined ? undefined : Number(precision) };
  if (of.width > 2 ** 40 || (of.precision ?? 0) > 2 ** 40) throw valueError("Too many decimal digits in format string");
  checkText(of.width);
  return {
    ...of,
    fill: fill ?? (zero ? "0" : " "),
    align: align ?? (zero && typeof value !== "string" ? "=" : ""),
    sign: sign ?? "-",
    isAlternate: alternate !== undefined,
    isZeroed: zero !== undefined && align === undefined,
    separator: separator ?? "",
    type: type ?? "",
  };
}

/**
 * Formats a value.
 *
 * @throws {TemplateError} If the specification does not fit the value, with Python's message.
 */
export function formatValue(value: Value, spec: string): string {
  const own = textIn(value);
  if (spec === "") return text(value);
  if (own !== undefined) return formatText(own, read(spec, own));
  if (typeof value === "number") return formatFloat(value, read(spec, value));
  if (typeof value === "bigint" || typeof value === "boolean") return formatWhole(BigInt(value), read(spec, value));
  throw typeError(`unsupported format string passed to ${typeName(value)}.__format__`);
}

const unknown = (type: string, name: string): TemplateError =>
  valueError(`Unknown format code '${type}' for object of type '${name}'`);

function padded(body: string, { fill, align, width }: Spec, fallback: string): string {
  const missing = width - lengthOf(body);
  if (missing <= 0) return body;
  const side = align || fallback;
  const before = side === ">" ? missing : side === "^" ? Math.floor(missing / 2) : 0;
  return fill.repeat(before) + body + fill.repeat(missing - before);
}

function formatText(value: string, spec: Spec): string {
  if (spec.type !== "" && spec.type !== "s") throw unknown(spec.type, "str");
  if (spec.sign !== "-") throw valueError("Sign not allowed in string format specifier");
  if (spec.isAlternate) throw valueError("Alternate form (#) not allowed in string format specifier");
  if (spec.align === "=") throw valueError("'=' alignment not allowed in string format specifier");
  if (spec.separator) throw valueError(`Cannot specify '${spec.separator}' with 's'.`);
  const cut = spec.precision === undefined ? value : characters(value).slice(0, spec.precision).join("");
  return padded(cut, spec, "<");
}

/** Sign, prefix and digits in the requested width. */
function formatDigits({ isNegative, prefix, body }: Digits, spec: Spec): string {
  const sign = isNegative ? "-" : spec.sign === "-" ? "" : spec.sign;
  const size = /[boxX]/.test(spec.type) ? 4 : 3;
  const separated = spec.separator ? grouped(body, spec.separator, size) : body;
  if (spec.align !== "=") return padded(sign + prefix + separated, spec, ">");
  const room = spec.width - sign.length - prefix.length;
  if (spec.separator && spec.fill === "0") {
    let digits = body;
    const whole = body.match(/^[0-9a-fA-F]+/)?.[0].length ?? 0;
    // Padding zeros are grouped too, and a separator is never first.
    while (whole > 0 && grouped(digits, spec.separator, size).length < room) digits = `0${digits}`;
    return sign + prefix + grouped(digits, spec.separator, size);
  }
  return sign + prefix + spec.fill.repeat(Math.max(0, room - separated.length)) + separated;
}

function formatWhole(value: bigint, spec: Spec): string {
  if (spec.type !== "" && "eEfFgG%".includes(spec.type)) return formatFloat(toFloat(value), spec);
  if (!"bcdnoxX".includes(spec.type)) throw unknown(spec.type, "int");
  if (spec.precision !== undefined) throw valueError("Precision not allowed in integer format specifier");
  if (spec.separator === "," && spec.type !== "" && spec.type !== "d") {
    throw valueError(`Cannot specify ',' with '${spec.type}'.`);
  }
  if (spec.separator === "_" && (spec.type === "c" || spec.type === "n")) {
    throw valueError(`Cannot specify '_' with '${spec.type}'.`);
  }
  if (spec.type === "c") {
    if (spec.sign !== "-") throw valueError("Sign not allowed with integer format specifier 'c'");
    if (spec.isAlternate) throw valueError("Alternate form (#) not allowed with integer format specifier 'c'");
    if (value < 0n || value > 0x10ffffn) throw new TemplateError("OverflowError", "%c arg not in range(0x110000)");
    return padded(String.fromCodePoint(Number(value)), spec, ">");
  }
  return formatDigits(wholeDigits(value, (spec.type || "d") as WholeForm, spec.isAlternate), spec);
}

function formatFloat(value: number, spec: Spec): string {
  if (spec.type !== "" && !"eEfFgGn%".includes(spec.type)) throw unknown(spec.type, "float");
  if (spec.separator && spec.type === "n") throw valueError(`Cannot specify '${spec.separator}' with 'n'.`);
  const digits = floatBody(spec.type === "%" ? value * 100 : value, spec);
  const body = spec.type === "%" ? `${digits.body}%` : digits.body;
  return formatDigits({ ...digits, body: /[EFG]/.test(spec.type) ? body.toUpperCase() : body }, spec);
}

function floatBody(value: number, { type, precision, isAlternate }: Spec): Digits {
  const lower = type.toLowerCase();
  if (lower === "e" || lower === "f" || lower === "g") {
    return floatDigits(value, { form: lower, precision: precision ?? 6, isAlternate });
  }
  if (lower === "%") return floatDigits(value, { form: "f", precision: precision ?? 6, isAlternate });
  if (lower === "n") return floatDigits(value, { form: "g", precision: precision ?? 6, isAlternate });
  const digits = floatDigits(value, { form: "r", precision: 0, isAlternate });
  if (precision === undefined || !Number.isFinite(value)) return digits;
  // Without a letter it is `g`, but with at least one digit after the point, and exponents one digit earlier.
  const general = generalDigits(value, { precision: Math.max(1, precision), isAlternate, from: 1 });
  return { ...digits, body: /[.e]/.test(general) ? general : `${general}.0` };
}
