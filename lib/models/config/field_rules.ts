/**
 * Which fields of a JSON file are understood, so that none that changes a model's numbers is passed over.
 *
 * @module
 */
import { type Json, show } from "./config_fields.ts";

/** A field that is refused unless its value changes nothing. */
export interface NeutralValue {
  /** The requirement as it reads in the message: `must be …`. */
  required: string;
  /** Whether a value changes nothing, given the whole file. */
  holds: (value: unknown, json: Record<string, unknown>) => boolean;
}

/**
 * How a field is treated: it is read; it has no effect on a model's numbers; or it is refused, unless its value is one
 * of a list or passes a test.
 */
export type FieldRule = "read" | "inert" | readonly unknown[] | NeutralValue;

/** The fields that are understood, by name. */
export type FieldRules = Readonly<Record<string, FieldRule>>;

/**
 * Checks that a file has no field that would be passed over with effect.
 *
 * @param json The file's object. A field without a value (null, an empty text, list or object) says nothing; one that
 * is not among the rules may also be false.
 * @param rules The fields that are understood.
 * @param file What messages call the file.
 * @throws {RangeError} If a field is refused, or is not among the rules; the message names it.
 */
export function checkFields(json: Json, rules: FieldRules, file: string): void {
  for (const [field, value] of Object.entries(json)) {
    if (isVoid(value)) continue;
    if (!Object.hasOwn(rules, field)) {
      if (value === false) continue;
      throw new RangeError(
        `Cannot read ${file}: "${field}" is not a field that is understood here, current value is ${show(value)}. ` +
          "If it has no effect on what the model computes, take it out of the file",
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

/** Whether a value is as good as absent: null, or an empty text, object or list. */
export const isVoid = (value: unknown): boolean =>
  value === undefined || value === null || value === "" ||
  (typeof value === "object" && Object.keys(value).length === 0);
