/**
 * Configuration files: JSON, strict, settings in sections or by themselves, one inheriting another by `extends`.
 *
 * @module
 */
import { dirname, resolve } from "node:path";
import { inSections, placedValues, placeOf } from "./config_sections.ts";
import { type Field, readNumber } from "./field.ts";
import { readUserObject } from "./json_object_file.ts";
import { nearest } from "../../lib/text/nearest.ts";
import { replacement } from "./retired.ts";
import { UsageError } from "./usage_error.ts";

/** The values of a configuration file and of those it extends. */
export interface ConfigFile {
  /** The values, by key, not yet checked against the schema. */
  values: Record<string, unknown>;
  /** The file that each value came from. */
  origins: Record<string, string>;
  /** Where each value stands in its file: its keys, joined by dots. */
  places: Record<string, string>;
}

/**
 * Reads a configuration file and, before it, the files that its `extends` names, one or a list, relative to it.
 *
 * @param path The file.
 * @param fields The fields there are.
 * @returns The values: the file's own before those of the files that it extends, of which a later one comes before an
 * earlier one; what several of them extend comes after them all; `"inf"` and `"-inf"` are numbers where a field takes them.
 * @throws {UsageError} If a file is missing, is not a JSON object, has an unknown key (the nearest is suggested), or
 * extends itself, directly or through others, or if a setting is there twice, or in another section than its own.
 */
export async function readConfigFile(path: string, fields: readonly Field[]): Promise<ConfigFile> {
  const files = new Map<string, ConfigObject>();
  await collect(path, files, []);
  const values = new Map<string, unknown>();
  const origins = new Map<string, string>();
  const places = new Map<string, string>();
  for (const { path, own } of files.values()) {
    const there = new Set<string>();
    for (const { place, value } of placedValues(own)) {
      const field = fields.find((field) => placeOf(field) === place || field.key === place);
      if (!field) throw new UsageError(`Cannot use "${place}" in ${path}: ${reasonAgainst(place, fields)}`);
      const { key } = field;
      if (there.has(key)) throw new UsageError(`Cannot use "${place}" in ${path}: it is duplicated`);
      there.add(key);
      values.set(key, field.infinite && typeof value === "string" ? readNumber(value, field) ?? value : value);
      origins.set(key, path);
      places.set(key, place);
    }
  }
  return {
    values: Object.fromEntries(values),
    origins: Object.fromEntries(origins),
    places: Object.fromEntries(places),
  };
}

/** Why nothing may stand at a place: a flag's name, which has its own place in files; a group; or an unknown name. */
function reasonAgainst(place: string, fields: readonly Field[]): string {
  const name = place.split(".").at(-1)!;
  const meant = fields.find(({ key }) => key === name);
  const own = meant && (placeOf(meant) ?? name);
  const places = fields.map((field) => placeOf(field) ?? field.key);
  const inside = places.filter((each) => each.startsWith(`${place}.`)).map((each) => {
    return each.slice(place.length + 1).split(".")[0];
  });
  if (inside.length > 0 && !own?.startsWith(`${place}.`)) {
    return `an object is needed, of ${[...new Set(inside)].join(", ")}`;
  }
  if (own !== undefined) return `its place is "${own}"`;
  return `there is no such setting${replacement(name) || nearestPlace(place, fields)}`;
}

/** ` (did you mean X?)` for the nearest name in the same group, or of any flag, or nothing. */
function nearestPlace(place: string, fields: readonly Field[]): string {
  const keys = place.split(".");
  const [name, group] = [keys.at(-1)!, keys.slice(0, -1).map((key) => `${key}.`).join("")];
  const beside = fields.map((field) => placeOf(field) ?? field.key).filter((each) => each.startsWith(group));
  const near = group === "" ? undefined : nearest(name, beside.map((each) => each.slice(group.length)));
  if (near !== undefined) return ` (did you mean ${group}${near}?)`;
  const key = nearest(name, fields.map(({ key }) => key));
  const meant = fields.find((field) => field.key === key);
  return meant ? ` (did you mean ${group === "" ? key : placeOf(meant) ?? key}?)` : "";
}

/** One file's own settings. */
interface ConfigObject {
  path: string;
  own: Record<string, unknown>;
}

/** The files that a file extends. */
function parentsOf(path: string, parents: unknown): string[] {
  if (parents === undefined) return [];
  const list: unknown[] = Array.isArray(parents) ? parents : [parents];
  if (list.length > 0 && list.every((parent) => typeof parent === "string" && parent !== "")) return list as string[];
  throw new UsageError(
    `Cannot use "extends" in ${path}: a file name, or a list of names, is needed, ` +
      `current value is ${JSON.stringify(parents)}`,
  );
}

/** Adds a file behind those that it extends, each once, so that none is overridden by what it extends. */
async function collect(path: string, files: Map<string, ConfigObject>, seen: readonly string[]): Promise<void> {
  const absolute = resolve(path);
  if (seen.includes(absolute)) {
    throw new UsageError(`Cannot read the configuration ${path}: it extends itself, through ${seen.join(" and ")}`);
  }
  if (files.has(absolute)) return;
  const { extends: parents, ...own } = await readUserObject(path, { what: "configuration", example: '{"steps": 100}' });
  for (const parent of parentsOf(path, parents)) {
    await collect(resolve(dirname(path), parent), files, [...seen, absolute]);
  }
  files.set(absolute, { path, own });
}

/**
 * Writes a configuration so that {@linkcode readConfigFile} reads it back: JSON of two spaces, infinities as `"inf"` and
 * `"-inf"`.
 *
 * @param config The values, by key.
 * @param fields The fields that there are, for sections; without them settings stand by themselves.
 * @throws {RangeError} If a value is not a number (NaN).
 */
export function formatConfig(config: Readonly<Record<string, unknown>>, fields: readonly Field[] = []): string {
  const readable = (key: string, value: unknown) => {
    if (typeof value !== "number" || Number.isFinite(value)) return value;
    if (Number.isNaN(value)) throw new RangeError(`Cannot write "${key}": a number is needed, current value is NaN`);
    return value > 0 ? "inf" : "-inf";
  };
  return JSON.stringify(inSections(config, fields), readable, 2) + "\n";
}
