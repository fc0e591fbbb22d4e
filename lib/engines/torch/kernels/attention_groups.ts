/**
 * Which packed rows attention takes in one call, and where the keys of each lie.
 *
 * @module
 */
import type { RowTree } from "../../../batches/row_layout.ts";

/** Positions that follow one another. */
export interface Run {
  start: number;
  length: number;
}

/** Rows that are one call: several of one length that follow one another, or a part of a single one that has a prefix. */
export interface Group {
  rows: number;
  /** Each row's positions that attend. */
  length: number;
  /** The first row's first of these. */
  start: number;
  /** The positions of each row up to its last of these, its prefix included: those that are attended to. */
  keys: number;
  /** Where these lie: what comes before, and last the positions that attend. */
  runs: Run[];
}

/** Positions of a row with a prefix that attend at once: their mask grows with the row's length, not with its square. */
const MASKED_AT_ONCE = 1024;

/** Divides packed rows into groups; rows without positions of their own are in none. */
export function attentionGroups({ rowLengths, prefixes }: RowTree): Group[] {
  const groups: Group[] = [], runsOf: Run[][] = [];
  let start = 0;
  rowLengths.forEach((keys, row) => {
    const { row: parent, length: shared } = prefixes?.[row] ?? { row: 0, length: 0 };
    const length = keys - shared;
    const before = shared > 0 ? beginning(runsOf[parent], shared) : [];
    runsOf.push([...before, { start, length }]);
    const last = groups.at(-1);
    if (shared === 0 && last?.keys === keys && last.length === keys) {
      last.rows++;
      last.runs = [{ start: last.start, length: last.rows * keys }];
    } else if (shared === 0 && length > 0) {
      groups.push({ rows: 1, length, start, keys, runs: [{ start, length }] });
    } else {
      for (let done = 0; done < length; done += MASKED_AT_ONCE) {
        const part = { start: start + done, length: Math.min(MASKED_AT_ONCE, length - done) };
        const seen = done > 0 ? [...before, { start, length: done }] : before;
        groups.push({ rows: 1, ...part, keys: shared + done + part.length, runs: [...seen, part] });
      }
    }
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
