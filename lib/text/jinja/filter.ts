/**
 * Filters, declared by Python signatures.
 *
 * @module
 */
import { item } from "./attributes.ts";
import { layout } from "./signature.ts";
import { type Arguments, type Runtime, textIn, Undefined, type Value } from "./value.ts";

/** A filter: the value it is applied to, then its arguments. */
export type Filter = (runtime: Runtime, value: Value, args: Arguments) => Value;

/** A filter's implementation; the arguments are in the order of its parameters. */
export type FilterBody = (runtime: Runtime, value: Value, ...args: Value[]) => Value;

/** Parameters that Jinja fills in. */
const IMPLICIT = /^\w+\((env|environment|eval_ctx|context)\b/;

/** Makes a filter or a test from a signature such as `do_trim(value, chars=None)`. */
export function filter(words: string, body: FilterBody): Filter {
  const lay = layout(words);
  const implicit: Value[] = IMPLICIT.test(words) ? [null] : [];
  return (runtime, value, { positional, named }) => {
    const args = lay({ positional: [...implicit, value, ...positional], named });
    return body(runtime, ...(args.slice(implicit.length) as [Value, ...Value[]]));
  };
}

/** Makes one from a function that takes only the value. */
export const plain = (name: string, body: (value: Value) => Value): Filter =>
  filter(`${name}(value)`, (_, value) => body(value));

/** The sort key of strings if case is ignored. */
export function ignoreCase(value: Value): Value {
  return textIn(value)?.toLowerCase() ?? value;
}

/** Reads an attribute by a path such as `function.name` or `0.role`; the value itself without a path. */
export function reader(path: Value, fallback: Value = null): (value: Value) => Value {
  const text = textIn(path);
  const parts: Value[] = path === null
    ? []
    : text === undefined
    ? [path]
    : text.split(".").map((part) => /^\p{Nd}+$/u.test(part) ? BigInt(part) : part);
  return (value) =>
    parts.reduce<Value>((object, part) => {
      const found = item(object, part);
      return fallback !== null && found instanceof Undefined ? fallback : found;
    }, value);
}
