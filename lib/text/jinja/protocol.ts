/**
 * The protocol of all values: truth, length, iteration.
 *
 * @module
 */
import { characters, lengthOf } from "./code_points.ts";
import { TemplateError, typeError } from "./errors.ts";
import { checkItems } from "./limits.ts";
import { Dict, Instance, itemsIn, textIn, Tuple, typeName, Undefined, type Value } from "./value.ts";

/** Whether a value is truthy. */
export function truth(value: Value): boolean {
  if (value === null || typeof value !== "object") return Boolean(value) || Number.isNaN(value);
  if (value instanceof Undefined) return false;
  if (value instanceof Instance && !value.size) return true;
  return sizeOf(value) !== 0;
}

/** The length of a value, as by Python's `len`. */
export function sizeOf(value: Value): number {
  const text = textIn(value);
  if (text !== undefined) return lengthOf(text);
  const items = itemsIn(value);
  if (items) return items.length;
  if (value instanceof Dict) return value.size;
  if (value instanceof Undefined) return 0;
  if (value instanceof Instance && value.size) return value.size();
  throw typeError(`object of type '${typeName(value)}' has no len()`);
}

/** Iterates over a value: characters, items, keys. */
export function iterate(value: Value): Iterator<Value> {
  const text = textIn(value);
  if (text !== undefined) return characters(text).values();
  const items = itemsIn(value);
  if (items) return items.values();
  if (value instanceof Dict) return value.keys().values();
  if (value instanceof Undefined) return [].values();
  if (value instanceof Instance && value.iterate) return value.iterate();
  throw typeError(`'${typeName(value)}' object is not iterable`);
}

/** Whether a value is iterable. */
export function isIterable(value: Value): boolean {
  const isKnown = textIn(value) !== undefined || itemsIn(value) || value instanceof Dict || value instanceof Undefined;
  return Boolean(isKnown) || (value instanceof Instance && value.iterate !== undefined);
}

/** Iterates over a value in a JavaScript loop. */
export function each(value: Value): Iterable<Value> {
  // A one-shot iterator may be left and resumed, so it must not be closed here.
  const iterator = iterate(value);
  return { [Symbol.iterator]: () => ({ next: () => iterator.next() }) };
}

/** All items of a value, as by Python's `list`. */
export function listOf(value: Value): Value[] {
  const items: Value[] = [];
  for (const item of each(value)) {
    items.push(item);
    checkItems(items.length);
  }
  return items;
}

/** Iterates over a value backwards, as by Python's `reversed`. */
export function reversed(value: Value): Iterator<Value> {
  if (value instanceof Undefined) return [].values();
  if (value instanceof Instance && value.reversed) return value.reversed();
  const isKnown = textIn(value) !== undefined || itemsIn(value) || value instanceof Dict;
  if (!isKnown) throw typeError(`'${typeName(value)}' object is not reversible`);
  return listOf(value).reverse().values();
}

/** Throws the error of an undefined value. */
export function checkDefined(...values: readonly Value[]): void {
  for (const value of values) if (value instanceof Undefined) throw new TemplateError(value.kind, value.message());
}

/** A value that must be an integer. */
export function integer(value: Value): bigint {
  if (typeof value === "bigint") return value;
  if (typeof value === "boolean") return BigInt(value);
  throw typeError(`'${typeName(value)}' object cannot be interpreted as an integer`);
}

/** A value that must be a string. */
export function needText(value: Value, message: (type: string) => string): string {
  const text = textIn(value);
  if (text === undefined) throw typeError(message(value === null ? "None" : typeName(value)));
  return text;
}

/** An integer as a JavaScript number, clamped to the range of lengths and indices. */
export function place(value: bigint): number {
  return value > 2n ** 53n ? 2 ** 53 : value < -(2n ** 53n) ? -(2 ** 53) : Number(value);
}

/** Makes a pair. */
export const pair = (first: Value, second: Value): Tuple => new Tuple([first, second]);
