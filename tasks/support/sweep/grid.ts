/**
 * What a sweep varies: lists of values, from flags or a file.
 *
 * @module
 */
import { readUserObject } from "../json_object_file.ts";
import { suggestion } from "../../../lib/text/nearest.ts";
import { UsageError } from "../usage_error.ts";
import { type Field, flagOf } from "../field.ts";

/** Values as texts, as a flag would give them, by key. */
export type Grid = ReadonlyMap<string, readonly string[]>;

/** Settings that cannot differ between the runs of a sweep. */
const fixed = ["name", "overwrite", "resume", "stopAfter", "dryRun"];

/**
 * Takes `--vary` out of arguments, where it may be any number of times, and puts it back once, so that the last does not
 * win.
 *
 * @param args The arguments.
 * @returns The arguments with all lists in one text, a list a line.
 */
export function gatherVary(args: readonly string[]): string[] {
  const lists: string[] = [];
  const others: string[] = [];
  for (let i = 0; i < args.length; i++) {
    if (args[i] === "--vary" && i + 1 < args.length) lists.push(args[++i]);
    else if (args[i].startsWith("--vary=")) lists.push(args[i].slice("--vary=".length));
    else others.push(args[i]);
  }
  return lists.length > 0 ? [...others, `--vary=${lists.join("\n")}`] : others;
}

/**
 * Reads lists as they are written in flags: `alpha=-1,0.5`, several of them on lines of their own or behind semicolons.
 *
 * @param text The lists.
 * @param fields The settings there are.
 * @throws {UsageError} If a list is malformed or of an unknown setting, or a setting has two.
 */
export function readVary(text: string, fields: readonly Field[]): Grid {
  const lists = text.split(/[;\n]/).map((list) => list.trim()).filter((list) => list !== "");
  const entries = lists.map((list): [string, string[]] => {
    const [, name, values] = /^([^=]+)=(.*)$/.exec(list) ?? [];
    if (name === undefined) {
      throw new UsageError(`Cannot use --vary: key=value,value is needed, current value is ${JSON.stringify(list)}`);
    }
    return [name.trim(), values.split(",").map((value) => value.trim())];
  });
  return checked(entries, fields, "--vary");
}

/**
 * Reads lists from a JSON file: `{"alpha": [-1, 0.5, "inf"], "objective": ["amid"]}`.
 *
 * @param path The file.
 * @param fields The settings there are.
 * @throws {UsageError} If the file is missing, is no such object, or names an unknown setting.
 */
export async function readGridFile(path: string, fields: readonly Field[]): Promise<Grid> {
  const value = await readUserObject(path, { what: "grid", example: '{"alpha": [0, 1]}' });
  const entries = Object.entries(value).map(([name, values]): [string, string[]] => {
    const plain = (value: unknown) => ["string", "number", "boolean"].includes(typeof value);
    if (!Array.isArray(values) || !values.every(plain)) {
      throw new UsageError(
        `Cannot use "${name}" in ${path}: a list of numbers, strings or booleans is needed, ` +
          `current value is ${JSON.stringify(values)}`,
      );
    }
    return [name, values.map(String)];
  });
  return checked(entries, fields, path);
}

function checked(entries: readonly [string, string[]][], fields: readonly Field[], where: string): Grid {
  const grid = new Map<string, string[]>();
  const known = fields.filter(({ key }) => !fixed.includes(key));
  for (const [name, values] of entries) {
    const field = known.find(({ key, flag }) => name === key || `--${name}` === flag || name === flag);
    if (!field) {
      const reason = fields.some(({ key }) => key === name || flagOf(key) === `--${name}`)
        ? "it is the same for all runs of a sweep"
        : `there is no such setting${suggestion(name, known.map(({ key }) => key))}`;
      throw new UsageError(`Cannot vary "${name}" (${where}): ${reason}`);
    }
    if (grid.has(field.key)) throw new UsageError(`Cannot vary "${name}" (${where}): it already has a list`);
    if (values.length === 0 || values.includes("")) {
      throw new UsageError(`Cannot vary "${name}" (${where}): values must not be empty, one is`);
    }
    grid.set(field.key, values);
  }
  return grid;
}
