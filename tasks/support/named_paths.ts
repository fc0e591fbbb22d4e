/**
 * Lists of paths with names: `teacher=runs/teacher/model,amid=runs/amid/student`.
 *
 * @module
 */
import { checkRunName } from "./run_folder.ts";
import { UsageError } from "./usage_error.ts";

/** A path and what tables and folders call it. */
export interface NamedPath {
  name: string;
  path: string;
}

/** Folders inside a run that say nothing of the run. */
const GENERIC = new Set(["student", "model", "best"]);

/**
 * Reads a list.
 *
 * @param text Entries joined by commas, each a path or `name=path`. A path alone is named by its last part, or the part
 * before where that is `student`, `model` or `best`; a file without its ending.
 * @param flag The flag it was given by, for messages.
 * @returns The entries; their names can be folders, and differ.
 * @throws {UsageError} If an entry is empty, or names are unfit or the same; the message names the flag.
 */
export function parseNamedPaths(text: string, flag: string): NamedPath[] {
  const entries = text.split(",").map((entry) => {
    const at = entry.indexOf("=");
    const path = entry.slice(at + 1).trim();
    if (path === "") {
      throw new UsageError(`Cannot use ${flag}: paths joined by commas are needed, current value is ${text}`);
    }
    return { name: at < 0 ? nameOf(path) : entry.slice(0, at).trim(), path };
  });
  const names = new Set<string>();
  for (const { name, path } of entries) {
    try {
      checkRunName(name);
    } catch {
      throw new UsageError(
        `Cannot use ${flag}: ${path} needs a name of letters, digits, dots, dashes and underscores, as in mine=${path}; ` +
          `current name is ${JSON.stringify(name)}`,
      );
    }
    if (names.has(name.toLowerCase())) {
      throw new UsageError(`Cannot use ${flag}: names must differ, ${name} is duplicated; name=path sets others`);
    }
    names.add(name.toLowerCase());
  }
  return entries;
}

function nameOf(path: string): string {
  const parts = path.split("/").filter((part) => part !== "" && part !== "." && part !== "..");
  const last = parts.at(-1) ?? "";
  const chosen = GENERIC.has(last) && parts.length > 1 ? parts.at(-2)! : last;
  return chosen.replace(/\.jsonl$/, "");
}

/**
 * Reads seeds joined by commas.
 *
 * @throws {UsageError} If one is no whole number from 0 to 2³² − 1, or is there twice; the message names the flag.
 */
export function parseSeeds(text: string, flag: string): number[] {
  const seeds = text.split(",").map((part) => /^\s*\d+\s*$/.test(part) ? Number(part) : NaN);
  if (seeds.every((seed) => seed < 2 ** 32) && new Set(seeds).size === seeds.length) return seeds;
  throw new UsageError(
    `Cannot use ${flag}: different whole numbers from 0 to 2^32 − 1 are needed, joined by commas, current value is ${text}`,
  );
}
