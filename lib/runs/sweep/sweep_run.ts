/**
 * The runs of a sweep: every combination of some lists of values.
 *
 * @module
 */
import { anObject, checkArguments } from "../../arguments/check_arguments.ts";
import { createHash } from "node:crypto";

/** A value that is varied. */
export type SweepValue = string | number | boolean;

/** A run of a sweep. */
export interface SweepRun<Values extends Record<string, SweepValue> = Record<string, SweepValue>> {
  /** The name of its folder. */
  name: string;
  /** What it has of what is varied. */
  values: Values;
  /**
   * Everything that decides it, by name: a resumed sweep must have the same.
   *
   * @default {values}
   */
  settings?: Readonly<Record<string, unknown>>;
}

/** The values that are varied, a list for each name. */
export type Varied = Readonly<Record<string, readonly SweepValue[]>>;

/** One value of each list. */
export type ValuesOf<Lists extends Varied> = { [Name in keyof Lists]: Lists[Name][number] };

/**
 * Makes every choice of one value from each list, the last list changing fastest.
 *
 * @param vary The lists.
 * @throws {RangeError} If a list is empty.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { sweepRuns } from "@amid/amid/runs";
 *
 * const runs = sweepRuns({ alpha: [-1, 0.5], seed: [1, 2] });
 * assert.deepEqual(runs.map(({ name }) => name)[1], "alpha_-1__seed_2");
 * ```
 */
export function sweepRuns<const Lists extends Varied>(vary: Lists): SweepRun<ValuesOf<Lists>>[] {
  checkArguments("sweep", { vary: [vary, anObject] });
  const empty = Object.keys(vary).find((name) => vary[name].length === 0);
  if (empty !== undefined) {
    throw new RangeError(`Cannot sweep: the list of ${empty} must have at least one value, current count is 0`);
  }
  const choices = Object.entries(vary).reduce<Record<string, SweepValue>[]>(
    (all, [name, values]) => all.flatMap((before) => values.map((value) => ({ ...before, [name]: value }))),
    [{}],
  ) as ValuesOf<Lists>[];
  const names = runNames(choices);
  return choices.map((values, index) => ({ name: names[index], values }));
}

/** The longest name that a run gets from its values. */
const LONGEST = 80;

/** Names runs by their values; a name that is too long, or cannot be a folder, gets a hash. */
export function runNames(all: readonly Readonly<Record<string, SweepValue>>[]): string[] {
  return all.map((values) => {
    const parts = Object.entries(values).map(([key, value]) => `${key}_${String(value).replace("Infinity", "inf")}`);
    const name = parts.join("__") || "run";
    const safe = name.replace(/[^\p{L}\p{N}._-]/gu, "-").replace(/\.$/, "-");
    if (safe === name && safe.length <= LONGEST) return name;
    const hash = createHash("sha256").update(JSON.stringify(Object.entries(values).map(String))).digest("hex");
    return `${safe.slice(0, LONGEST).slice(0, LONGEST - 9)}-${hash.slice(0, 8)}`;
  });
}
