/**
 * Values as strings: Python's `str`, which a template prints, and `repr`, which is used inside lists.
 *
 * @module
 */
import { LimitError, valueError } from "./errors.ts";
import { floatText } from "./float_text.ts";
import { checkText, MAX_DEPTH } from "./limits.ts";
import { Dict, itemsIn, Markup, textIn, Tuple, Undefined, type Value } from "./value.ts";

/** The maximum number of digits of an integer that Python prints. */
const MAX_DIGITS = 4300;

/** A value as a template prints it. */
export function text(value: Value): string {
  return textIn(value) ?? (value instanceof Undefined ? "" : repr(value));
}

/** A string that keeps its safety. */
export const softText = (value: Value): string | Markup => value instanceof Markup ? value : text(value);

/** An integer in digits. */
export function integerText(value: bigint): string {
  const digits = value.toString();
  if (digits.length - (value < 0n ? 1 : 0) > MAX_DIGITS) {
    throw valueError(
      "Exceeds the limit (4300 digits) for integer string conversion; use sys.set_int_max_str_digits() to increase the " +
        "limit",
    );
  }
  return digits;
}

/** Python's `repr` of a value. */
export function repr(value: Value): string {
  let length = 0;
  const written = (value: Value, depth: number): string => {
    if (depth > MAX_DEPTH) throw new LimitError(`lists may stand ${MAX_DEPTH} deep in one another`);
    const form = one(value, depth);
    length += form.length;
    checkText(length);
    return form;
  };
  const list = (values: readonly Value[], depth: number) => values.map((item) => written(item, depth + 1)).join(", ");
  const one = (value: Value, depth: number): string => {
    if (value === null) return "None";
    if (typeof value === "boolean") return value ? "True" : "False";
    if (typeof value === "bigint") return integerText(value);
    if (typeof value === "number") return floatText(value);
    if (typeof value === "string") return quoted(value);
    if (value instanceof Markup) return `Markup(${quoted(value.text)})`;
    if (value instanceof Undefined) return "Undefined";
    if (value instanceof Tuple) return `(${list(value.items, depth)}${value.items.length === 1 ? "," : ""})`;
    if (value instanceof Dict) {
      const pairs = value.entries().map(([key, item]) => `${written(key, depth + 1)}: ${written(item, depth + 1)}`);
      return `{${pairs.join(", ")}}`;
    }
    const items = itemsIn(value);
    return items ? `[${list(items, depth)}]` : (value as { repr(): string }).repr();
  };
  return written(value, 0);
}

const ESCAPES: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t", "\\": "\\\\" };

/** A string in quotation marks, with non-printable characters escaped. */
export function quoted(text: string): string {
  const mark = text.includes("'") && !text.includes('"') ? '"' : "'";
  const body = text.replace(/[\p{C}\p{Z}\\'"]/gu, (character) => {
    if (character === " " || character === '"' || character === "'") {
      return character === mark ? `\\${character}` : character;
    }
    if (Object.hasOwn(ESCAPES, character)) return ESCAPES[character];
    const code = character.codePointAt(0)!;
    const hex = code.toString(16);
    return code < 0x100
      ? `\\x${hex.padStart(2, "0")}`
      : code < 0x10000
      ? `\\u${hex.padStart(4, "0")}`
      : `\\U${hex.padStart(8, "0")}`;
  });
  return `${mark}${body}${mark}`;
}
