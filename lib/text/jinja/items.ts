/**
 * Items by index or key.
 *
 * @module
 */
import { characters } from "./code_points.ts";
import { isError } from "./errors.ts";
import { place } from "./protocol.ts";
import { Dict, hashOf, Instance, itemsIn, Markup, textIn, type Value } from "./value.ts";

/** Whether a value can be a key. */
export function isHashable(key: Value): boolean {
  try {
    hashOf(key);
    return true;
  } catch (error) {
    if (isError(error, "TypeError")) return false;
    throw error;
  }
}

/** Reads an item; undefined if there is no item at this index or key. */
export function itemAt(object: Value, key: Value): Value | undefined {
  if (object instanceof Dict) return object.get(key);
  if (typeof key !== "bigint" && typeof key !== "boolean") return undefined;
  const text = textIn(object);
  const items = text === undefined ? itemsIn(object) : characters(text);
  const length = items?.length ?? (object instanceof Instance && object.item ? object.size!() : 0);
  const given = place(BigInt(key));
  const index = given < 0 ? given + length : given;
  if (index < 0 || index >= length) return undefined;
  if (!items) return (object as Instance).item!(index);
  return object instanceof Markup ? new Markup(items[index] as string) : items[index];
}
