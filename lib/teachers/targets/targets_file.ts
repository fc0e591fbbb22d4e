/**
 * The file that says whose targets a folder holds, and how they are packed.
 *
 * @module
 */
import { isDeepStrictEqual } from "node:util";
import { join } from "node:path";
import { isFile } from "../../files/exists.ts";
import { withFileLock } from "../../files/file_lock.ts";
import { writeTogether } from "../../files/write_together.ts";

/** The contents of `targets.json`. */
export interface TargetsDescription {
  /** Which layout it is. */
  format: 1;
  /** What reports call the teacher. */
  name: string;
  /** What decides the teacher's distributions, as its `identity()` has it. */
  teacher: Readonly<Record<string, unknown>>;
  /** Best tokens of each place. */
  topK: number;
  /** Bits of a log-probability. */
  bits: number;
  /** Tokens of the vocabulary. */
  vocabularySize: number;
  /** Tokens that a row may have, if the teacher has a limit. */
  contextLength?: number;
  /** Whether probabilities are unbiased estimates; see `Teacher`. */
  estimates?: true;
  /** Tokens that are often among the best, the most frequent first: they have the smallest numbers. */
  frequent: readonly number[];
}

/** What the targets of a folder must be of. */
export type WantedTargets = Pick<TargetsDescription, "teacher" | "topK" | "bits" | "vocabularySize" | "estimates">;

const pathIn = (folder: string): string => join(folder, "targets.json");

/** Whether a folder holds targets. */
export const holdsTargets = (folder: string): boolean => isFile(pathIn(folder));

/**
 * Reads a folder's description.
 *
 * @returns Nothing if the folder has none.
 * @throws {SyntaxError} If it is damaged; the message names the file.
 */
export function readDescription(folder: string): TargetsDescription | undefined {
  const path = pathIn(folder);
  if (!isFile(path)) return undefined;
  let json: Partial<TargetsDescription> | null;
  try {
    json = JSON.parse(Deno.readTextFileSync(path));
  } catch (cause) {
    throw new SyntaxError(`Cannot use the targets in ${folder}: ${path} must be JSON, it is not`, { cause });
  }
  const { format, name, teacher, topK, bits, vocabularySize, frequent } = json ?? {};
  const numbers = [topK, bits, vocabularySize].every((number) => Number.isInteger(number) && number! > 0);
  if (format === 1 && typeof name === "string" && typeof teacher === "object" && numbers && Array.isArray(frequent)) {
    return json as TargetsDescription;
  }
  throw new SyntaxError(
    `Cannot use the targets in ${folder}: ${path} must have format 1, name, teacher, topK, bits, vocabularySize and ` +
      "frequent, it has not",
  );
}

/**
 * Checks that a folder's targets are those that are wanted.
 *
 * @throws {RangeError} If they are not; the message names what differs.
 */
export function checkDescription(folder: string, there: TargetsDescription, wanted: WantedTargets): void {
  const different = (["topK", "bits", "vocabularySize", "estimates", "teacher"] as const).flatMap((name) => {
    if (isDeepStrictEqual(JSON.parse(JSON.stringify(wanted[name] ?? null)), there[name] ?? null)) return [];
    const shown = (value: unknown) => typeof value === "object" ? JSON.stringify(value) : String(value);
    return [`${name} is ${shown(there[name])} there, ${shown(wanted[name])} here`];
  });
  if (different.length === 0) return;
  throw new RangeError(
    `Cannot use the targets in ${folder}: they are of others; ${different.join("; ")}; choose another folder`,
  );
}

/**
 * Begins a folder, unless another process has begun it meanwhile.
 *
 * @returns What is there then.
 * @throws {RangeError} If the folder holds something else.
 */
export async function beginTargets(folder: string, description: TargetsDescription): Promise<TargetsDescription> {
  await Deno.mkdir(folder, { recursive: true });
  const lock = join(folder, ".lock");
  return await withFileLock(lock, async () => {
    const there = readDescription(folder);
    const other = there
      ? undefined
      : [...Deno.readDirSync(folder)].find(({ name }) => !/\.partial$|^\.lock$/.test(name));
    if (other) {
      throw new RangeError(`Cannot keep targets in ${folder}: it must be empty or hold targets, it has ${other.name}`);
    }
    if (!there) writeTogether(pathIn(folder), [JSON.stringify(description) + "\n"]);
    await Deno.remove(lock).catch(() => {}); // those who wait for it will find the description
    return there ?? description;
  });
}
