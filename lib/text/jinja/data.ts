/**
 * Converts JavaScript data to a template's values.
 *
 * @module
 */
import { MAX_DEPTH } from "./limits.ts";
import { Dict, type Value } from "./value.ts";

/**
 * Converts JSON data to a value: integers become integers, other numbers and `Number` objects floats, objects and maps
 * dictionaries. `undefined` fields of an object are dropped.
 *
 * @param data The data.
 * @param name Its name, for messages.
 * @throws {TypeError} If it contains something else, such as a function, or a cycle.
 */
export function valueFrom(data: unknown, name: string, depth: number = 0): Value {
  const fail = (problem: string) => new TypeError(`Cannot give ${name} to a chat template: ${problem}`);
  if (depth > MAX_DEPTH) throw fail(`lists and objects may stand ${MAX_DEPTH} deep in one another`);
  if (data === null || typeof data === "boolean" || typeof data === "bigint" || typeof data === "string") return data;
  // Beyond 2^53 a number is not reliably the integer it appears to be; -0 is not an integer here.
  if (typeof data === "number") return Number.isSafeInteger(data) && !Object.is(data, -0) ? BigInt(data) : data;
  if (Array.isArray(data)) return data.map((item, index) => valueFrom(item, `${name}[${index}]`, depth + 1));
  if (data instanceof Number) return data.valueOf();
  if (data instanceof Map) return dictOf([...data], name, depth);
  if (typeof data !== "object") throw fail(`it must be data as in JSON, current value is of type ${typeof data}`);
  const prototype = Object.getPrototypeOf(data);
  if (prototype !== null && prototype !== Object.prototype) {
    throw fail(`it must be data as in JSON, current value is a ${prototype.constructor?.name ?? "class"}`);
  }
  return dictOf(Object.entries(data), name, depth);
}

function dictOf(entries: [string, unknown][], name: string, depth: number): Dict {
  const given = entries.filter(([, value]) => value !== undefined);
  return new Dict(given.map(([key, value]) => [key, valueFrom(value, `${name}.${key}`, depth + 1)]));
}
