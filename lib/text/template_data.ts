/**
 * Reads JSON for chat templates as Python reads it. `JSON.parse` loses three differences that a template may print:
 * between 1 and 1.0, between integers beyond 2^53, and the order of keys such as "2" and "1".
 *
 * @module
 */
import { aText, checkArguments, objectWith } from "../arguments/check_arguments.ts";
import { parseJson } from "../files/parse_json.ts";
import { MAX_DEPTH } from "./jinja/limits.ts";

/** Options for {@linkcode parseTemplateData}. */
export interface ParseTemplateDataOptions {
  /** What messages call the text, for instance its path. */
  name: string;
}

/** A key that JavaScript's objects order by its number. */
const INDEX = /^(?:0|[1-9]\d*)$/;

/** Tokens of a text that is known to be JSON: marks, strings, numbers and words; commas and colons need no reading. */
const TOKEN = /[ \t\n\r,:]*([{}[\]]|"(?:[^"\\]|\\.)*"|[^ \t\n\r,:{}[\]"]+)/y;

/**
 * Parses the JSON of messages, tools, documents or variables for {@linkcode ChatTemplate.render}, such that numbers and
 * keys print as in Python.
 *
 * @param text The text; a leading byte-order mark is dropped.
 * @param options What messages call it.
 * @returns The data. A number written with a point or an exponent is a `Number` object if its value is an integer; an
 * integer beyond 2^53 is a `bigint`; an object with a key such as "2" is a `Map`.
 * @throws {SyntaxError} If it is not JSON; the message names text, line and column.
 * @throws {RangeError} If lists and objects are nested more than 200 deep.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { chatTemplate, parseTemplateData } from "@amid/amid/text";
 *
 * const { render } = chatTemplate("{{ x }}", { name: "numbers", tokens: {} });
 * const x = parseTemplateData("[1, 1.0, 100000000000000000000]", { name: "mine" });
 * assert(render([], { variables: { x } }) === "[1, 1.0, 100000000000000000000]");
 * ```
 */
export function parseTemplateData(text: string, options: ParseTemplateDataOptions): unknown {
  checkArguments("read JSON", { text: [text, aText], options: [options, objectWith("name")] });
  const { name } = options;
  const plain = text.replace(/^\ufeff/, "");
  parseJson(plain, { name });
  TOKEN.lastIndex = 0;
  const next = (): string => TOKEN.exec(plain)![1];
  const read = (token: string, depth: number): unknown => {
    if (depth > MAX_DEPTH) {
      throw new RangeError(`Cannot read ${name}: lists and objects may be nested ${MAX_DEPTH} deep`);
    }
    if (token === "[") {
      const items: unknown[] = [];
      for (let item = next(); item !== "]"; item = next()) items.push(read(item, depth + 1));
      return items;
    }
    if (token === "{") {
      const entries = new Map<string, unknown>();
      for (let key = next(); key !== "}"; key = next()) entries.set(JSON.parse(key), read(next(), depth + 1));
      return [...entries.keys()].some((key) => INDEX.test(key)) ? entries : Object.fromEntries(entries);
    }
    return /^[-\d]/.test(token) ? numberOf(token) : JSON.parse(token);
  };
  return read(next(), 0);
}

/** A number of JSON as Python reads it: an integer unless it has a point or an exponent. */
function numberOf(token: string): number | bigint | object {
  const value = Number(token);
  // As an object it differs from the number 1, which would print as an integer.
  if (/[.eE]/.test(token)) return Number.isInteger(value) ? Object(value) : value;
  return Number.isSafeInteger(value) ? value + 0 : BigInt(token);
}
