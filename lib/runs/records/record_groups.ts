/**
 * Records of runs that differ in their seed alone, and their differences from others.
 *
 * @module
 */
import { aList, checkArguments, checkList, objectWith } from "../../arguments/check_arguments.ts";
import { pairedBootstrap, type PairedDifference, type SetScores } from "../../evaluation/paired_bootstrap.ts";
import type { MeanAndDeviation } from "../../evaluation/summarize_runs.ts";
import type { RunRecord } from "./run_record.ts";

/** Runs of one setting. */
export interface RecordGroup {
  /** The runs' name without the seed. */
  name: string;
  /** What they are compared as. */
  method: string;
  /** The student that was trained. */
  student: string;
  /** The records, by seed. */
  records: RunRecord[];
}

/** The records by setting, in the order in which settings first occur. */
export function recordGroups(records: Iterable<RunRecord>): RecordGroup[] {
  const groups = Map.groupBy(records, ({ name, seed }) => name.replace(new RegExp(`-s${seed}$`), ""));
  return [...groups].map(([name, members]) => ({
    name,
    method: members[0].method,
    student: members[0].student,
    records: members.toSorted((a, b) => a.seed - b.seed),
  }));
}

/**
 * The mean over a group's runs, and the sample's deviation where there are several.
 *
 * @param group The runs.
 * @param of What is averaged; a run without it counts as none.
 * @returns Nothing where no run has it.
 */
export function groupMean(
  { records }: RecordGroup,
  of: (record: RunRecord) => number | undefined,
): MeanAndDeviation | undefined {
  const values = records.map((record) => of(record)).filter((value) => value !== undefined);
  if (values.length === 0) return undefined;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  if (values.length === 1) return { mean };
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(squares / (values.length - 1)) };
}

/** The mean ROUGE-L of a run on a set, or over all sets, each with the same weight; nothing without answers. */
export function meanRougeL({ sets }: Pick<RunRecord, "sets">, set?: string): number | undefined {
  if (!sets) return undefined;
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  return set === undefined ? mean(Object.values(sets).map(({ rougeL }) => mean(rougeL))) : mean(sets[set].rougeL);
}

/**
 * The difference in ROUGE-L between two settings on the same questions, with an interval over questions and seeds.
 *
 * @param group The setting.
 * @param other The one that it is compared with.
 * @returns What `pairedBootstrap()` finds for group − other; nothing where either has no answers.
 */
export function groupDifference(
  group: RecordGroup,
  other: RecordGroup,
  options: { resamples?: number; seed?: number } = {},
): PairedDifference | undefined {
  checkArguments("compare records", { group: [group, objectWith("records")], other: [other, objectWith("records")] });
  const [a, b] = [scoresOf(group), scoresOf(other)];
  return a && b && pairedBootstrap({ ...options, a, b });
}

function scoresOf({ records }: RecordGroup): Record<string, SetScores> | undefined {
  checkArguments("compare records", { records: [records, aList] });
  checkList("compare records", { records }, objectWith("name", "seed"));
  const answered = records.filter(({ sets }) => sets);
  if (answered.length === 0) return undefined;
  const names = Object.keys(answered[0].sets!);
  return Object.fromEntries(names.map((set) => [set, answered.map(({ sets }) => sets![set]?.rougeL ?? [])]));
}
