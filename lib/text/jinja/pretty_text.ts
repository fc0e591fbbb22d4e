/**
 * Values as Python's `pprint` prints them, over several lines if they are long.
 *
 * @module
 */
import { ordered } from "./compare.ts";
import { lengthOf } from "./code_points.ts";
import { TemplateError, UnsupportedError } from "./errors.ts";
import { repr } from "./text_form.ts";
import { Dict, itemsIn, textIn, Tuple, type Value } from "./value.ts";

const WIDTH = 80;

/** The entries of a dictionary sorted by key, if the keys are comparable. */
function byKey(dict: Dict): [Value, Value][] {
  return dict.entries().sort(([left], [right]) => {
    try {
      return ordered(left, right, "<") ? -1 : 1;
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      throw new UnsupportedError("pprint of keys of several types");
    }
  });
}

/** The same value with its dictionaries sorted. */
function inOrder(value: Value): Value {
  if (value instanceof Dict) return new Dict(byKey(value).map(([key, one]) => [key, inOrder(one)]));
  const items = itemsIn(value)?.map(inOrder);
  return items === undefined ? value : Array.isArray(value) ? items : new Tuple(items);
}

/** Prints a value. */
export function prettyText(value: Value): string {
  return shown(inOrder(value), 0, 0);
}

/** Prints a value from a column on, reserving some space after it. */
function shown(value: Value, column: number, room: number): string {
  const whole = repr(value);
  if (lengthOf(whole) <= WIDTH - column - room) return whole;
  if (textIn(value) !== undefined) throw new UnsupportedError("pprint of a text longer than a line");
  if (value instanceof Dict && value.size > 0) {
    const parts = value.entries().map(([key, one], index) => {
      const name = `${repr(key)}: `;
      const isLast = index === value.size - 1;
      return name + shown(one, column + 1 + lengthOf(name), isLast ? room + 1 : 1);
    });
    return `{${parts.join(`,\n${" ".repeat(column + 1)}`)}}`;
  }
  const items = itemsIn(value);
  if (!items || items.length === 0) return whole;
  const [open, close] = Array.isArray(value) ? "[]" : ["(", items.length === 1 ? ",)" : ")"];
  const parts = items.map((item, index) =>
    shown(item, column + 1, index === items.length - 1 ? room + close.length : 1)
  );
  return open + parts.join(`,\n${" ".repeat(column + 1)}`) + close;
}
