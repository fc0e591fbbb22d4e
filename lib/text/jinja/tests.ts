/**
 * All Jinja tests, used after `is`.
 *
 * @module
 */
import { contains, equals, isSame, ordered } from "./compare.ts";
import { type Filter, filter, plain } from "./filter.ts";
import { FILTERS } from "./filters.ts";
import type { Meter } from "./limits.ts";
import { numeric } from "./numbers.ts";
import { operate } from "./operators.ts";
import { isIterable } from "./protocol.ts";
import { isLower, isUpper } from "./text_case.ts";
import { text } from "./text_form.ts";
import { Dict, hashOf, Instance, itemsIn, Markup, textIn, Undefined, type Value } from "./value.ts";

const rest = (value: Value, divisor: Value): Value => operate("%", value, divisor);

const ask = (name: string, is: (value: Value) => boolean): Filter => plain(`test_${name}`, is);

/** A test that compares. */
const compare = (name: string, is: (left: Value, right: Value, meter: Meter) => boolean): Filter =>
  filter(`${name}(a, b, /)`, ({ meter }, left, right) => is(left, right, meter));

const isSequence = (value: Value): boolean =>
  textIn(value) !== undefined || itemsIn(value) !== undefined || value instanceof Dict || value instanceof Undefined ||
  (value instanceof Instance && value.item !== undefined);

const isKnown = (name: string, table: () => ReadonlyMap<string, unknown>): Filter =>
  filter(`test_${name}(env, value)`, (_, value) => {
    hashOf(value);
    return table().has(textIn(value) ?? "");
  });

const equal = compare("eq", equals);
const unequal = compare("ne", (left, right, meter) => !equals(left, right, meter));
const [below, upTo, above, from] = ([["lt", "<"], ["le", "<="], ["gt", ">"], ["ge", ">="]] as const).map((
  [name, order],
) => compare(name, (left, right, meter) => ordered(left, right, order, meter)));

/** The tests by name. */
export const TESTS: ReadonlyMap<string, Filter> = new Map(Object.entries({
  boolean: ask("boolean", (value) => typeof value === "boolean"),
  callable: filter(
    "callable(obj, /)",
    (_, value) => value instanceof Undefined || (value instanceof Instance && value.call !== undefined),
  ),
  defined: ask("defined", (value) => !(value instanceof Undefined)),
  divisibleby: filter("test_divisibleby(value, num)", (_, value, divisor) => equals(rest(value, divisor), 0n)),
  escaped: ask("escaped", (value) => value instanceof Markup),
  even: ask("even", (value) => equals(rest(value, 2n), 0n)),
  false: ask("false", (value) => value === false),
  filter: isKnown("filter", () => FILTERS),
  float: ask("float", (value) => typeof value === "number"),
  in: filter("test_in(value, seq)", ({ meter }, value, container) => contains(container, value, meter)),
  integer: ask("integer", (value) => typeof value === "bigint"),
  iterable: ask("iterable", isIterable),
  lower: ask("lower", (value) => isLower(text(value))),
  mapping: ask("mapping", (value) => value instanceof Dict),
  none: ask("none", (value) => value === null),
  number: ask("number", (value) => numeric(value) !== undefined),
  odd: ask("odd", (value) => equals(rest(value, 2n), 1n)),
  sameas: filter("test_sameas(value, other)", (_, value, other) => isSame(value, other)),
  sequence: ask("sequence", isSequence),
  string: ask("string", (value) => textIn(value) !== undefined),
  test: isKnown("test", () => TESTS),
  true: ask("true", (value) => value === true),
  undefined: ask("undefined", (value) => value instanceof Undefined),
  upper: ask("upper", (value) => isUpper(text(value))),
  "==": equal,
  eq: equal,
  equalto: equal,
  "!=": unequal,
  ne: unequal,
  "<": below,
  lt: below,
  lessthan: below,
  "<=": upTo,
  le: upTo,
  ">": above,
  gt: above,
  greaterthan: above,
  ">=": from,
  ge: from,
}));
