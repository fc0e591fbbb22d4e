/**
 * Tables of the methods and attributes of a type.
 *
 * @module
 */
import { layout } from "./signature.ts";
import type { Arguments, Runtime, Value } from "./value.ts";

/** A method, an attribute, or one of Python's that is not supported. */
export type Entry = { method: (self: Value, args: Arguments, runtime: Runtime) => Value } | {
  value: (self: Value) => Value;
} | "unsupported";

/** Methods and attributes by name. */
export type MethodTable = ReadonlyMap<string, Entry>;

/** A method: its receiver, then its arguments. */
export type MethodBody = (self: Value, args: Value[], runtime: Runtime) => Value;

/**
 * Makes table entries from Python signatures, such as `zfill(width, /)`.
 *
 * @param type Python's name of the type.
 * @param bodies The implementations.
 */
export function methods(type: string, bodies: Readonly<Record<string, MethodBody>>): [string, Entry][] {
  return Object.entries(bodies).map(([words, body]) => {
    const name = words.split("(")[0];
    const lay = layout(`${type}.${words}`);
    return [name, { method: (self, args, runtime) => body(self, lay(args), runtime) }];
  });
}

/** Makes the entry of an attribute. */
export const attribute = (name: string, value: (self: Value) => Value): [string, Entry] => [name, { value }];

/** Marks names as known in Python and unsupported here. */
export const unsupported = (...names: string[]): [string, Entry][] => names.map((name) => [name, "unsupported"]);
