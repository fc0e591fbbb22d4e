/**
 * Python signatures, and the binding of a call's arguments to parameters.
 *
 * @module
 */
import { typeError } from "./errors.ts";
import type { Arguments, Value } from "./value.ts";

interface Parameter {
  name: string;
  /** Its default. */
  fallback?: Value;
}

/** A function's name and parameters. */
interface Signature {
  name: string;
  parameters: Parameter[];
  /** Whether its arguments are positional only. */
  isByPlace: boolean;
  /** Whether it is written in C, where the messages differ. */
  isInC: boolean;
}

/** Binds the arguments of a call to parameters. */
export type Layout = (args: Arguments) => Value[];

/**
 * Parses a Python signature, such as `do_trim(value, chars=None)`. Names of C functions in classes have a dot; a `/` at
 * the end marks positional-only parameters.
 *
 * @returns A function that returns a call's arguments in the order of the parameters.
 */
export function layout(words: string): Layout {
  const signature = read(words);
  return (args) => lay(signature, args);
}

function read(words: string): Signature {
  const [, name, list] = words.match(/^([\w.<>]+)\((.*)\)$/s)!;
  const parts = list.match(/(?:'[^']*'|[^,])+/g)?.map((part) => part.trim()) ?? [];
  const isByPlace = parts.at(-1) === "/";
  const parameters = (isByPlace ? parts.slice(0, -1) : parts).map((part): Parameter => {
    const [name, fallback] = part.split(/=(.*)/s);
    return fallback === undefined ? { name } : { name, fallback: constant(fallback) };
  });
  return { name, parameters, isByPlace, isInC: /^[a-z]+\./.test(name) || isByPlace };
}

function constant(text: string): Value {
  if (text.startsWith("'")) return text.slice(1, -1);
  if (text.includes(".")) return Number(text);
  if (text === "True" || text === "False") return text === "True";
  return text === "None" ? null : BigInt(text);
}

const plural = (count: number, word: string): string => `${count} ${word}${count === 1 ? "" : "s"}`;

function lay(signature: Signature, { positional, named }: Arguments): Value[] {
  const { name, parameters, isByPlace, isInC } = signature;
  if ((isByPlace || (isInC && parameters.length === 0)) && named.size > 0) {
    throw typeError(`${name}() takes no keyword arguments`);
  }
  if (positional.length > parameters.length) throw tooMany(signature, positional.length);
  const values: (Value | undefined)[] = [...positional];
  for (const [key, value] of named) {
    const index = parameters.findIndex((parameter) => parameter.name === key);
    if (index === -1) {
      throw typeError(
        isInC
          ? `'${key}' is an invalid keyword argument for ${bare(name)}()`
          : `${name}() got an unexpected keyword argument '${key}'`,
      );
    }
    if (index < positional.length) {
      throw typeError(
        isInC
          ? `argument for ${bare(name)}() given by name ('${key}') and position (${index + 1})`
          : `${name}() got multiple values for argument '${key}'`,
      );
    }
    values[index] = value;
  }
  const missing = parameters.filter(({ fallback }, index) => fallback === undefined && values[index] === undefined);
  if (missing.length > 0) throw tooFew(signature, { given: positional.length, missing });
  return parameters.map(({ fallback }, index) => values[index] ?? (values[index] === null ? null : fallback!));
}

const bare = (name: string): string => name.split(".").at(-1)!;

function tooMany({ name, parameters, isByPlace, isInC }: Signature, given: number): Error {
  const most = parameters.length;
  const least = parameters.filter(({ fallback }) => fallback === undefined).length;
  if (!isInC) {
    const wanted = least === most
      ? plural(most, "positional argument")
      : `from ${least} to ${most} positional arguments`;
    return typeError(`${name}() takes ${wanted} but ${given} ${given === 1 ? "was" : "were"} given`);
  }
  if (most === 0) return typeError(`${name}() takes no arguments (${given} given)`);
  if (least === most && most === 1) return typeError(`${name}() takes exactly one argument (${given} given)`);
  if (isByPlace) return typeError(`${bare(name)} expected at most ${plural(most, "argument")}, got ${given}`);
  return typeError(`${bare(name)}() takes at most ${plural(most, "argument")} (${given} given)`);
}

function tooFew({ name, parameters, isInC }: Signature, rest: { given: number; missing: Parameter[] }): Error {
  const { given, missing } = rest;
  if (!isInC) {
    const names = missing.map((parameter) => `'${parameter.name}'`);
    const last = names.length > 2 ? `, and ${names.pop()}` : names.length === 2 ? ` and ${names.pop()}` : "";
    return typeError(
      `${name}() missing ${plural(missing.length, "required positional argument")}: ${names.join(", ")}${last}`,
    );
  }
  if (parameters.length === 1) return typeError(`${name}() takes exactly one argument (${given} given)`);
  const least = parameters.filter(({ fallback }) => fallback === undefined).length;
  if (least === parameters.length) return typeError(`${bare(name)} expected ${least} arguments, got ${given}`);
  return typeError(`${bare(name)} expected at least ${plural(least, "argument")}, got ${given}`);
}
