/**
 * Values as JSON, in the form of Python's `json.dumps`.
 *
 * @module
 */
import { compareText } from "./code_points.ts";
import { ordered } from "./compare.ts";
import { LimitError, typeError } from "./errors.ts";
import { type Filter, filter } from "./filter.ts";
import { floatText } from "./float_text.ts";
import { checkText, MAX_DEPTH } from "./limits.ts";
import { each, integer, needText, place, truth } from "./protocol.ts";
import { integerText } from "./text_form.ts";
import { Dict, itemsIn, textIn, typeName, type Value } from "./value.ts";

/** How JSON is written. */
export interface JsonOptions {
  /** Whether characters beyond ASCII are escaped. */
  isAscii: boolean;
  /** The indentation per level; absent for one line. */
  indent?: string;
  /** The separators between items, and between a key and its value. */
  separators: [item: string, key: string];
  /** Whether keys are sorted. */
  isSorted: boolean;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  "\\": "\\\\",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
};

const CONTROL = "\\x00-\\x1f";
const NEEDED = new RegExp(`[${CONTROL}"\\\\]`, "g");
const NEEDED_IN_ASCII = new RegExp(`[${CONTROL}"\\\\]|[^ -~]`, "g");

function quoted(text: string, isAscii: boolean): string {
  const body = text.replace(
    isAscii ? NEEDED_IN_ASCII : NEEDED,
    (unit) => Object.hasOwn(ESCAPES, unit) ? ESCAPES[unit] : `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return `"${body}"`;
}

/** A float in JSON, with Python's names for non-finite ones. */
function float(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  return Number.isFinite(value) ? floatText(value) : value < 0 ? "-Infinity" : "Infinity";
}

/** Numbers, booleans and null. */
function simple(value: Value): string | undefined {
  if (value === null) return "null";
  if (typeof value === "boolean") return String(value);
  if (typeof value === "bigint") return integerText(value);
  return typeof value === "number" ? float(value) : undefined;
}

/** Writes a value. */
export function toJson(value: Value, { isAscii, indent, separators, isSorted }: JsonOptions): string {
  let length = 0;
  const written = (value: Value, depth: number): string => {
    if (depth > MAX_DEPTH) throw new LimitError(`lists may stand ${MAX_DEPTH} deep in one another`);
    const text = textIn(value);
    const form = text === undefined ? simple(value) ?? compound(value, depth) : quoted(text, isAscii);
    checkText(length += form.length);
    return form;
  };
  const key = (value: Value): string => {
    const form = textIn(value) ?? simple(value);
    if (form !== undefined) return quoted(form, isAscii);
    throw typeError(`keys must be str, int, float, bool or None, not ${typeName(value)}`);
  };
  const enclosed = ([open, close]: string, parts: string[], depth: number): string => {
    if (parts.length === 0) return open + close;
    if (indent === undefined) return open + parts.join(separators[0]) + close;
    const line = `\n${indent.repeat(depth + 1)}`;
    return open + line + parts.join(separators[0] + line) + `\n${indent.repeat(depth)}` + close;
  };
  const compound = (value: Value, depth: number): string => {
    const items = itemsIn(value);
    if (items) return enclosed("[]", items.map((item) => written(item, depth + 1)), depth);
    if (!(value instanceof Dict)) throw typeError(`Object of type ${typeName(value)} is not JSON serializable`);
    const entries = value.entries();
    if (isSorted) entries.sort(([left], [right]) => byKey(left, right));
    return enclosed("{}", entries.map(([name, item]) => key(name) + separators[1] + written(item, depth + 1)), depth);
  };
  return written(value, 0);
}

function byKey(left: Value, right: Value): number {
  const [first, second] = [textIn(left), textIn(right)];
  if (first !== undefined && second !== undefined) return compareText(first, second);
  return ordered(left, right, "<") ? -1 : 1;
}

/** The filter `tojson`, as in transformers. */
export const TO_JSON: Filter = filter(
  "_cached_compile_jinja_template.<locals>.tojson(x, ensure_ascii=False, indent=None, separators=None, sort_keys=False)",
  (_, value, isAscii, indent, separators, isSorted) => {
    const step = textIn(indent) ?? (indent === null ? undefined : " ".repeat(Math.max(0, width(indent))));
    const given = separators === null
      ? undefined
      : [...each(separators)].map((one) =>
        needText(one, (type) => `can only concatenate str (not "${type}") to str`)
      ) as [string, string];
    return toJson(value, {
      isAscii: truth(isAscii),
      indent: step,
      separators: given ?? [step === undefined ? ", " : ",", ": "],
      isSorted: truth(isSorted),
    });
  },
);

const width = (indent: Value): number => {
  const size = place(integer(indent));
  checkText(size);
  return size;
};
