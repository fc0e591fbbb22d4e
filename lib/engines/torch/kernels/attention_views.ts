/**
 * The places of packed positions that a call of attention reads and writes, as libtorch wants them: one axis for rows, one
 * for heads.
 *
 * @module
 */
import type { Handle } from "../operators.ts";
import type { Torch } from "../torch.ts";
import type { Group } from "./attention_groups.ts";

/** Which heads of positions `[S, W]`, in which rows. */
export interface Heads {
  /** The rows. */
  rows: number;
  /** The positions of each. */
  length: number;
  /** The first row's first position. */
  start: number;
  /** Heads of the view. */
  count: number;
  /** From one head of the view to the next, in heads. */
  step?: number;
  /** The first head of the view. */
  first?: number;
  /** The width of a head. */
  width: number;
}

/** Positions as `[rows, heads, length, width]`: a view. */
export function headsView(torch: Torch, positions: Handle, heads: Heads): Handle {
  const { rows, length, start, count, step = 1, first = 0, width } = heads;
  const [position, element] = torch.strides(positions, 2);
  const strides = [length * position, step * width * element, position, element];
  return torch.view(positions, [rows, count, length, width], strides, start * position + first * width * element);
}

/** The keys or values that a group's queries may look at, `[rows, heads, keys, width]`: a view where they are in one place. */
export function seen(torch: Torch, positions: Handle, group: Group, heads: { count: number; width: number }): Handle {
  const { rows, keys, runs } = group;
  if (runs.length === 1) return headsView(torch, positions, { ...heads, rows, length: keys, start: runs[0].start });
  const [position, element] = torch.strides(positions, 2);
  const width = heads.count * heads.width;
  const parts = runs.map(({ start, length }) =>
    torch.view(positions, [length, width], [position, element], start * position)
  );
  return headsView(torch, torch.call("cat", parts, 0), { ...heads, rows, length: keys, start: 0 });
}

/** The gradient of keys or values: of all positions, and what a call made of those it looked at. */
interface KeyGradient {
  whole: Handle;
  /** `[rows, heads, keys, width]`. */
  part: Handle;
}

/** Whose gradient it is; `again` where another call on the same keys came before. */
interface Attended extends Group {
  count: number;
  width: number;
  again: boolean;
}

/**
 * Brings a call's gradient of keys or values to their places. A row's own positions are the first to have one: what later
 * rows and other query heads make of them is added.
 */
export function bring(torch: Torch, { whole, part }: KeyGradient, { rows, runs, count, width, again }: Attended): void {
  const strides = torch.strides(part, 4);
  let offset = 0;
  for (const run of runs) {
    const length = run.length / rows;
    const into = headsView(torch, whole, { rows, length, start: run.start, count, width });
    const from = torch.view(part, [rows, count, length, width], strides, offset * strides[2]);
    const own = run === runs.at(-1);
    torch.copy(into, own && !again ? from : torch.add(into, from));
    offset += length;
  }
}
