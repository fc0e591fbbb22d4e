/**
 * Colours for a sequence, from low to high, that any reader can tell apart.
 *
 * @module
 */

/** Low, middle and high: blue, grey, orange, of Okabe and Ito's palette. */
const stops = [[0, 114, 178], [153, 153, 153], [230, 130, 0]] as const;

/** A colour for a place between 0 and 1. */
export function sequenceColor(place: number): string {
  const scaled = Math.min(1, Math.max(0, place)) * 2;
  const [from, to] = scaled < 1 ? [stops[0], stops[1]] : [stops[1], stops[2]];
  const share = scaled < 1 ? scaled : scaled - 1;
  return `rgb(${from.map((part, i) => Math.round(part + share * (to[i] - part))).join(", ")})`;
}

/** Colours for members of a sequence, in its order. */
export function sequenceColors(count: number): string[] {
  return Array.from({ length: count }, (_, i) => sequenceColor(count === 1 ? 0 : i / (count - 1)));
}

/** A scale for heat maps of values from 0 to 1: dark blue over teal to yellow, even in lightness (the map Cividis's idea). */
export const shareScale: readonly (readonly [number, string])[] = [
  [0, "#00224E"],
  [0.25, "#3B496C"],
  [0.5, "#7D7C78"],
  [0.75, "#BCAF6F"],
  [1, "#FEE838"],
];

/** A scale for values of either sign: blue below, near the ground's grey at 0, orange above. */
export const signedScale: readonly (readonly [number, string])[] = [
  [0, "#0072B2"],
  [0.5, "#8C939B"],
  [1, "#E68200"],
];
