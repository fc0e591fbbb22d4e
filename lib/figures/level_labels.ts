/**
 * Where labels over a panel stand, so that none overlaps another.
 *
 * @module
 */

/** A label, and where it points. */
export interface LevelLabel {
  /** Its text, without markup. */
  text: string;
  /** The middle of it, in pixels from the panel's left edge. */
  place: number;
}

/** The widths of characters of a sans-serif of 12 pixels, estimated generously. */
const SIGN = 7;
/** The gap between two labels. */
const GAP = 10;

/**
 * Finds a line for each label, from 0, the one nearest to the panel: the first on which it overlaps none that is there.
 *
 * @param labels The labels; those before others in the list come nearer to the panel.
 * @returns The number of the line of each.
 */
export function labelLines(labels: readonly LevelLabel[]): number[] {
  const lines: [from: number, to: number][][] = [];
  return labels.map(({ text, place }) => {
    const half = ([...text].length * SIGN + GAP) / 2;
    const [from, to] = [place - half, place + half];
    let line = lines.findIndex((taken) => taken.every(([left, right]) => to <= left || from >= right));
    if (line < 0) line = lines.push([]) - 1;
    lines[line].push([from, to]);
    return line;
  });
}
