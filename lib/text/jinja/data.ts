/**
 * JavaScript's data as a template's values.
 *
 * @module
 */
import { MAX_DEPTH } from "./limits.ts";
import { Dict, type Value } from "./value.ts";

/**
 * Makes a value of data as JSON has it: integers become integers, other numbers floats, objects dictionaries. What is
 * `undefined` in an object is left out.
 *
 * @param data The data.
 * @param name Where it stands, for messages.
 * @throws {TypeError} If there is something else in it, such as a function, or if it has no end.
 */
export function valueFrom(data: unknown, name: string, depth: number = 0): Value {
  const fail = (problem: string) => new TypeError(`Cannot give ${name} to a chat template: ${problem}`);
  if (depth > MAX_DEPTH) throw fail(`lists and objects may stand ${MAX_DEPTH} deep in one another`);
  if (data === null || typeof data === "boolean" || typeof data === "bigint" || typeof data === "string") return data;
  // Beyond 2^53 a number is no longer known to be the integer that it looks like; -0 is not an integer here.
  if (typeof data === "number") return Number.isSafeInteger(data) && !Object.is(data, -0) ? BigInt(data) : data;
  if (Array.isArray(data)) return data.map((item, index) => valueFrom(item, `${name}[${index}]`, depth + 1));
  if (typeof data !== "object") throw fail(`it must be data as in JSON, current value is of type ${typeof data}`);
  const prototype = Object.getPrototypeOf(data);
  if (prototype !== null && prototype !== Object.prototype) {
    throw fail(`it must be data as in JSON, current value is a ${prototype.constructor?.name ?? "class"}`);
  }
  const entries = Object.entries(data).filter(([, value]) => value !== undefined);
  return new Dict(entries.map(([key, value]) => [key, valueFrom(value, `${name}.${key}`, depth + 1)]));
}
