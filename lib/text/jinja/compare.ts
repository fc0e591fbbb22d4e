/**
 * Equality, order and membership, as in Python.
 *
 * @module
 */
import { compareText } from "./code_points.ts";
import { LimitError, typeError } from "./errors.ts";
import { MAX_DEPTH, Meter } from "./limits.ts";
import { numeric } from "./numbers.ts";
import { checkDefined, each } from "./protocol.ts";
import { Dict, Instance, itemsIn, textIn, Tuple, typeName, Undefined, type Value } from "./value.ts";
import { DictView } from "./views.ts";

type Numeric = bigint | number;

/** Whether two values are equal; a meter counts the work. */
export function equals(left: Value, right: Value, meter: Meter = new Meter()): boolean {
  const same = (left: Value, right: Value, depth: number): boolean => {
    meter.charge();
    if (depth > MAX_DEPTH) throw new LimitError(`lists may stand ${MAX_DEPTH} deep in one another`);
    if (left === right) return true;
    const [first, second] = [numeric(left), numeric(right)];
    // deno-lint-ignore eqeqeq
    if (first !== undefined && second !== undefined) return first == second;
    const [ours, theirs] = [textIn(left), textIn(right)];
    if (ours !== undefined || theirs !== undefined) return ours === theirs;
    if (left instanceof Undefined) return right instanceof Undefined;
    if (Array.isArray(left) ? Array.isArray(right) : left instanceof Tuple && right instanceof Tuple) {
      const [items, others] = [itemsIn(left)!, itemsIn(right)!];
      return items.length === others.length && items.every((item, index) => same(item, others[index], depth + 1));
    }
    if (left instanceof Dict && right instanceof Dict) {
      return left.size === right.size && left.entries().every(([key, value]) => {
        const other = right.get(key);
        return other !== undefined && same(value, other, depth + 1);
      });
    }
    if (left instanceof DictView && right instanceof DictView) {
      const isComparable = left.kind === right.kind && left.kind !== "values" && left.size() === right.size();
      return isComparable && left.list().every((item) => contains(right, item, meter));
    }
    if (left instanceof Instance && right instanceof Instance && left.type === "range" && right.type === "range") {
      return same([...each(left)], [...each(right)], depth + 1);
    }
    return false;
  };
  return same(left, right, 0);
}

/** The operators of order. */
export type Order = "<" | "<=" | ">" | ">=";

/** Whether two values are in order; a meter counts the work. */
export function ordered(left: Value, right: Value, operator: Order, meter: Meter = new Meter()): boolean {
  meter.charge();
  const [first, second] = [numeric(left), numeric(right)];
  if (first !== undefined && second !== undefined) return holds(first, second, operator);
  const [ours, theirs] = [textIn(left), textIn(right)];
  if (ours !== undefined && theirs !== undefined) return holds(compareText(ours, theirs), 0, operator);
  if (Array.isArray(left) ? Array.isArray(right) : left instanceof Tuple && right instanceof Tuple) {
    const [items, others] = [itemsIn(left)!, itemsIn(right)!];
    for (let index = 0; index < Math.min(items.length, others.length); index++) {
      if (!equals(items[index], others[index], meter)) return ordered(items[index], others[index], operator, meter);
    }
    return holds(items.length, others.length, operator);
  }
  checkDefined(left, right);
  throw typeError(
    `'${operator}' not supported between instances of '${typeName(left)}' and '${typeName(right)}'`,
  );
}

function holds(left: Numeric, right: Numeric, operator: Order): boolean {
  return operator === "<"
    ? left < right
    : operator === "<="
    ? left <= right
    : operator === ">"
    ? left > right
    : left >= right;
}

/** Whether a value is in another; a meter counts the work. */
export function contains(container: Value, value: Value, meter: Meter = new Meter()): boolean {
  const text = textIn(container);
  if (text !== undefined) {
    const part = textIn(value);
    if (part === undefined) throw typeError(`'in <string>' requires string as left operand, not ${typeName(value)}`);
    return text.includes(part);
  }
  if (container instanceof Dict) return container.has(value);
  if (container instanceof DictView && container.kind === "keys") return container.dict.has(value);
  if (container instanceof Instance && container.contains) return container.contains(value);
  const isIterable = itemsIn(container) || container instanceof Undefined ||
    (container instanceof Instance && container.iterate);
  if (!isIterable) throw typeError(`argument of type '${typeName(container)}' is not iterable`);
  for (const item of each(container)) if (equals(item, value, meter)) return true;
  return false;
}

/** Whether two values are the same object. */
export function isSame(left: Value, right: Value): boolean {
  return left === right && !Number.isNaN(left);
}

/** Options for {@linkcode sorted}. */
export interface SortOptions {
  /** The sort key. */
  key: (value: Value) => Value;
  /**
   * Whether to sort in reverse.
   *
   * @default {false}
   */
  isReversed?: boolean;
  /** Counts the work. */
  meter: Meter;
}

/** Sorts as Python does: stable, by `<` alone, backwards with equal ones in their order. */
export function sorted(values: readonly Value[], options: SortOptions): Value[] {
  const { key, isReversed = false, meter } = options;
  const keyed = values.map((value) => ({ value, key: key(value) }));
  if (isReversed) keyed.reverse();
  keyed.sort((left, right) => ordered(left.key, right.key, "<", meter) ? -1 : 1);
  if (isReversed) keyed.reverse();
  return keyed.map(({ value }) => value);
}
