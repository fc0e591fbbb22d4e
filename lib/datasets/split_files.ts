/**
 * The files of a folder of instructions, by split.
 *
 * @module
 */
import { join } from "node:path";
import type { SplitName } from "./prepare/manifest.ts";

/** The names of each split, the usual one first. */
const NAMES: Readonly<Record<SplitName, readonly string[]>> = {
  train: ["train", "training"],
  valid: ["valid", "validation", "val", "dev", "eval"],
  test: ["test", "testing"],
};

/** A folder's files. */
export interface SplitFiles {
  /** The file of each split, if it has one. */
  files: Partial<Record<SplitName, string>>;
  /** The names of all files of the folder, sorted, for messages. */
  names: string[];
}

/**
 * Finds the files of a folder: `train`, `valid` (or `validation`, `val`, `dev`, `eval`) and `test`, each `.jsonl` or
 * `.json`. The usual name takes precedence.
 *
 * @param folder The folder.
 * @param wanted The required splits; by default all.
 * @returns The paths by split, and all names.
 * @throws {RangeError} If a required split has two files, neither with the usual name; the message names them.
 */
export async function findSplitFiles(
  folder: string,
  wanted: readonly SplitName[] = ["train", "valid", "test"],
): Promise<SplitFiles> {
  const names: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) if (!isDirectory) names.push(name);
  names.sort();
  const files: Partial<Record<SplitName, string>> = {};
  for (const [split, words] of Object.entries(NAMES) as [SplitName, readonly string[]][]) {
    const found = words.flatMap((word) => [`${word}.jsonl`, `${word}.json`]).filter((name) => names.includes(name));
    const usual = found.find((name) => name.startsWith(`${split}.`));
    if (usual === undefined && found.length > 1 && wanted.includes(split)) {
      throw new RangeError(
        `Cannot read ${folder}: one file is needed to ${split === "valid" ? "validate on" : split}, there are ` +
          `${found.join(" and ")}; rename one to ${split}.jsonl`,
      );
    }
    if (found.length > 0) files[split] = join(folder, usual ?? found[0]);
  }
  return { files, names };
}
