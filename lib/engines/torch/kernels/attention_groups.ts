/**
 * Which packed rows attention takes in one call, and where the keys of each lie.
 *
 * @module
 */
import type { RowTree } from "../../../operations/row_layout.ts";

/** Positions that follow one another. */
export interface Run {
  start: number;
  length: number;
}

/** Rows that are one call: several of one length that follow one another, or a single one that has a prefix. */
export interface Group {
  rows: number;
  /** Each row's positions behind its prefix: those that attend. */
  length: number;
  /** The first row's first position behind its prefix. */
  start: number;
  /** The positions of each row, its prefix included: those that are attended to. */
  keys: number;
  /** Where these lie: the parts of the prefix, and last the rows' own. */
  runs: Run[];
}

/** Divides packed rows into groups; rows without positions of their own are in none. */
export function attentionGroups({ rowLengths, prefixes }: RowTree): Group[] {
  const groups: Group[] = [], runsOf: Run[][] = [];
  let start = 0;
  rowLengths.forEach((keys, row) => {
    const { row: parent, length: shared } = prefixes?.[row] ?? { row: 0, length: 0 };
    const length = keys - shared;
    const runs = [...shared > 0 ? beginning(runsOf[parent], shared) : [], { start, length }];
    runsOf.push(runs);
    const last = groups.at(-1);
    if (shared === 0 && last?.keys === keys && last.length === keys) {
      last.rows++;
      last.runs = [{ start: last.start, length: last.rows * keys }];
    } else if (length > 0) groups.push({ rows: 1, length, start, keys, runs });
    start += length;
  });
  return groups;
}

/** The first `length` positions of some runs. */
function beginning(runs: readonly Run[], length: number): Run[] {
  const taken: Run[] = [];
  for (const run of runs) {
    if (length === 0) break;
    const part = Math.min(run.length, length);
    if (part > 0) taken.push({ start: run.start, length: part });
    length -= part;
  }
  return taken;
}
