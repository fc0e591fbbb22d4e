/**
 * The known fields of a JSON file, so that none that affects a model's results is ignored.
 *
 * @module
 */
import { type Json, show } from "./config_fields.ts";

/** A field that is refused unless its value has no effect. */
export interface NeutralValue {
  /** The requirement as it reads in the message: `must be …`. */
  required: string;
  /** Whether a value has no effect, given the whole file. */
  holds: (value: unknown, json: Record<string, unknown>) => boolean;
}

/**
 * How a field is treated: it is read; it has no effect on a model's results; or it is refused, unless its value is in a
 * list or passes a test.
 */
export type FieldRule = "read" | "inert" | readonly unknown[] | NeutralValue;

/** The known fields by name. */
export type FieldRules = Readonly<Record<string, FieldRule>>;

/**
 * Checks that a file has no field whose effect would be ignored.
 *
 * @param json The file's object. A field without a value (null, an empty string, list or object) counts as absent; an
 * unknown field may also be false.
 * @param rules The known fields.
 * @param file What messages call the file.
 * @throws {RangeError} If a field is refused or unknown; the message names it.
 */
export function checkFields(json: Json, rules: FieldRules, file: string): void {
  for (const [field, value] of Object.entries(json)) {
    if (isVoid(value)) continue;
    if (!Object.hasOwn(rules, field)) {
      if (value === false) continue;
      throw new RangeError(
        `Cannot read ${file}: the field "${field}" is unknown, current value is ${show(value)}. ` +
          "If it has no effect on the model's results, remove it from the file",
      );
    }
    const rule = rules[field];
    if (typeof rule === "string") continue;
    const required = "holds" in rule ? checked(rule, value, json) : listed(rule, value);
    if (required === undefined) continue;
    throw new RangeError(`Cannot read ${file}: ${required} "${field}", current value is ${show(value)}`);
  }
}

const checked = ({ required, holds }: NeutralValue, value: unknown, json: Json) =>
  holds(value, json) ? undefined : `only ${required} is supported as`;

const listed = (neutral: readonly unknown[], value: unknown) =>
  neutral.includes(value)
    ? undefined
    : `only ${neutral.length > 0 ? neutral.map(show).join(" or ") : "null"} is supported as`;

/** Whether a value counts as absent: null, or an empty string, object or list. */
export const isVoid = (value: unknown): boolean =>
  value === undefined || value === null || value === "" ||
  (typeof value === "object" && Object.keys(value).length === 0);
