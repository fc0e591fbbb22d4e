/**
 * Checks the arguments of functions for callers without types, such as notebooks in JavaScript.
 *
 * @module
 */

/** What an argument must be. */
export interface Kind {
  /** In words, as in "a string". */
  what: string;
  /** Whether a value is one. */
  fits: (value: unknown) => boolean;
}

/**
 * Checks arguments and fields of options.
 *
 * @param deed What fails if the check does, as in "generate".
 * @param needs The values under the names that the caller knows, each with its kind.
 * @throws {TypeError} If one is missing or of another kind; the message names it.
 *
 * @example A missing text
 * ```ts
 * import assert from "node:assert/strict";
 * import { aText, checkArguments } from "./check_arguments.ts";
 *
 * const call = () => checkArguments("make a row", { response: [undefined, aText] });
 * assert.throws(call, { message: "Cannot make a row: response must be a string, current value is absent" });
 * ```
 */
export function checkArguments(deed: string, needs: Readonly<Record<string, readonly [unknown, Kind]>>): void {
  for (const [name, [value, { what, fits }]] of Object.entries(needs)) {
    if (fits(value)) continue;
    throw new TypeError(`Cannot ${deed}: ${name} must be ${what}, current value is ${shown(value)}`);
  }
}

/**
 * Checks each element of a list.
 *
 * @param deed What fails if the check does.
 * @param list The list, by its name.
 * @param kind What each element must be.
 * @throws {TypeError} If it is not a list, or an element is of another kind; the message gives its index.
 */
export function checkList(deed: string, list: Readonly<Record<string, unknown>>, { what, fits }: Kind): void {
  for (const [name, values] of Object.entries(list)) {
    if (!isList(values)) {
      throw new TypeError(
        `Cannot ${deed}: ${name} must be a list, each element ${what}, current value is ${shown(values)}`,
      );
    }
    for (let place = 0; place < values.length; place++) {
      if (fits(values[place])) continue;
      throw new TypeError(
        `Cannot ${deed}: each element of ${name} must be ${what}, current value at ${place} is ${shown(values[place])}`,
      );
    }
  }
}

/** A value as messages describe it. */
export function shown(value: unknown): string {
  if (value === undefined) return "absent";
  if (typeof value === "string") return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
  if (typeof value === "function") return `the function ${value.name || "without a name"}`;
  if (typeof value !== "object" || value === null) return String(value);
  if (value instanceof Promise) return "a promise: write await before the call that gave it";
  if (isList(value)) return value.length === 0 ? "an empty list" : `a list that starts with ${shown(value[0])}`;
  const name = Object.getPrototypeOf(value)?.constructor?.name ?? "Object";
  if (name !== "Object") return `an object of the class ${name}`;
  const keys = Object.keys(value);
  return keys.length === 0 ? "an empty object" : `an object with ${keys.slice(0, 8).join(", ")}`;
}

const isList = (value: unknown): value is ArrayLike<unknown> =>
  Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !isList(value) && !(value instanceof Promise);

const has = (value: unknown, methods: readonly string[]): boolean =>
  isObject(value) && methods.every((method) => typeof value[method] === "function");

/** A text, which may be empty. */
export const aText: Kind = { what: "a string", fits: (value) => typeof value === "string" };

/** A number, which may be NaN. */
export const aNumber: Kind = { what: "a number", fits: (value) => typeof value === "number" };

/** A list. */
export const aList: Kind = { what: "a list", fits: isList };

/** An object that is not a list. */
export const anObject: Kind = { what: "an object", fits: isObject };

/** An object that must have these fields, which are checked separately. */
export const objectWith = (...fields: readonly string[]): Kind => ({
  what: `an object with ${fields.slice(0, -1).join(", ")}${fields.length > 1 ? " and " : ""}${fields.at(-1)}`,
  fits: isObject,
});

/** A time. */
export const aDate: Kind = { what: "a Date", fits: (value) => value instanceof Date && !Number.isNaN(value.valueOf()) };

/** A function. */
export const aFunction: Kind = { what: "a function", fits: (value) => typeof value === "function" };

/** A language model. */
export const aModel: Kind = {
  what: "a model, as loadModel() returns it",
  fits: (value) => has(value, ["states", "logitsOf"]),
};

/** A tokenizer, or at least one that encodes. */
export const aTokenizer: Kind = {
  what: "a tokenizer, as loadTokenizer() returns it",
  fits: (value) => has(value, ["encode"]),
};

/** A tensor. */
export const aTensor: Kind = {
  what: "a tensor, as tf.tensor() makes it",
  fits: (value) => isObject(value) && isList(value.shape) && typeof value.dtype === "string",
};

/** Token ids of a text. */
export const tokenIds: Kind = {
  what: "a list of token ids, as tokenizer.encode(text) returns it",
  fits: (value) => isList(value) && (value.length === 0 || typeof value[0] === "number"),
};

/** A row of token ids. */
export const aRow: Kind = {
  what: "a row with ids and promptLength, as rowFromText() makes it",
  fits: (value) => isObject(value) && isList(value.ids) && typeof value.promptLength === "number",
};

/** An instruction with its accepted answers. */
export const anEvaluationRow: Kind = {
  what: "an object with prompt, a string, and outputs, a list of strings",
  fits: (value) =>
    isObject(value) && typeof value.prompt === "string" && Array.isArray(value.outputs) &&
    value.outputs.every((output) => typeof output === "string"),
};

/** One of some texts. */
export const oneOf = (...choices: readonly string[]): Kind => ({
  what: `one of ${choices.join(", ")}`,
  fits: (value) => choices.includes(value as string),
});

/** Another kind, or nothing. */
export const optional = ({ what, fits }: Kind): Kind => ({
  what,
  fits: (value) => value === undefined || fits(value),
});

/** A tokenizer, or at least one that decodes. */
export const aDecoder: Kind = { what: aTokenizer.what, fits: (value) => has(value, ["decode"]) };

/** A model, or another teacher. */
export const aTeacher: Kind = {
  what: "a model, as loadModel() returns it, or another teacher",
  fits: (value) => aModel.fits(value) || (isObject(value) && typeof value.vocabularySize === "number"),
};

/** An objective. */
export const anObjective: Kind = {
  what: "an objective, as objective() makes it",
  fits: (value) => has(value, ["perToken"]),
};
