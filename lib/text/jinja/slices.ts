/**
 * Slices of strings and lists, `value[start:stop:step]`.
 *
 * @module
 */
import { characters } from "./code_points.ts";
import { TemplateError, typeError, valueError } from "./errors.ts";
import { place } from "./protocol.ts";
import { Range } from "./range.ts";
import { Dict, Instance, itemsIn, Markup, textIn, Tuple, typeName, Undefined, type Value } from "./value.ts";

/** The bounds of a slice. */
export interface Slice {
  start: Value;
  stop: Value;
  step: Value;
}

function index(value: Value): bigint | undefined {
  if (value === null) return undefined;
  if (typeof value === "bigint" || typeof value === "boolean") return BigInt(value);
  throw typeError("slice indices must be integers or None or have an __index__ method");
}

/** The indices of a slice of a sequence of this length. */
function places(length: number, { start, stop, step }: Slice): { from: number; to: number; stride: bigint } {
  const stride = index(step) ?? 1n;
  const [first, last] = [index(start), index(stop)];
  if (stride === 0n) throw valueError("slice step cannot be zero");
  const isForward = stride > 0n;
  const [low, high] = isForward ? [0, length] : [-1, length - 1];
  const held = (value: bigint | undefined, fallback: number): number => {
    if (value === undefined) return fallback;
    const at = place(value) + (value < 0n ? length : 0);
    return Math.min(Math.max(at, low), high);
  };
  return { from: held(first, isForward ? low : high), to: held(last, isForward ? high : low), stride };
}

/** The items of a list in a slice. */
export function sliceItems<T>(items: readonly T[], slice: Slice): T[] {
  const { from, to, stride } = places(items.length, slice);
  if (stride === 1n) return items.slice(from, to);
  const step = place(stride);
  const count = Math.max(0, Math.ceil((to - from) / step));
  return Array.from({ length: count }, (_, at) => items[from + at * step]);
}

/** A slice of a value. */
export function sliceOf(value: Value, slice: Slice): Value {
  const text = textIn(value);
  if (text !== undefined) {
    const part = sliceItems(characters(text), slice).join("");
    return value instanceof Markup ? new Markup(part) : part;
  }
  const items = itemsIn(value);
  if (items) return Array.isArray(value) ? sliceItems(items, slice) : new Tuple(sliceItems(items, slice));
  if (value instanceof Range) {
    const { from, to, stride } = places(value.size(), slice);
    return new Range(value.item(from), value.item(to), value.step * stride);
  }
  if (value instanceof Undefined) throw new TemplateError(value.kind, value.message());
  if (value instanceof Dict) throw typeError("unhashable type: 'slice'");
  const name = value instanceof Instance ? value.type : typeName(value);
  throw typeError(`'${name}' object is not subscriptable`);
}
