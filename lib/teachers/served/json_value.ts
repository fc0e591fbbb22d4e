/**
 * Short JSON answers, read as a whole.
 *
 * @module
 */
import type { JsonScalar, JsonVisitor } from "./json_stream.ts";

/** A value with all its members. */
export type JsonValue = JsonScalar | JsonValue[] | { [name: string]: JsonValue };

/** Keeps the whole value. */
export function jsonValue(): { root: JsonVisitor; finish(): JsonValue } {
  let found: JsonValue = null;
  return { root: keeper((value) => found = value), finish: () => found };
}

/** Keeps one value. */
function keeper(keep: (value: JsonValue) => void): JsonVisitor {
  const list: JsonValue[] = [], object: { [name: string]: JsonValue } = {};
  return {
    value: keep,
    item(index) {
      keep(list);
      return keeper((value) => list[index] = value);
    },
    key(name) {
      keep(object);
      return keeper((value) => object[name] = value);
    },
  };
}
