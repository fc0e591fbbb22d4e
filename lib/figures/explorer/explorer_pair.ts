/**
 * What the explorer shows: a teacher and a student over the same points or tokens.
 *
 * @module
 */
import { type ToyName, toyPair } from "../../analysis/toys.ts";

/** A teacher and a student, as JSON holds them. */
export interface ExplorerPair {
  /** What it is called in addresses: letters, digits and dashes. */
  name: string;
  /** The title. */
  title: string;
  /** What the horizontal axis shows. */
  axis: string;
  /** Horizontal places; the numbers of the tokens where there are labels. */
  points: number[];
  /** The tokens, where the points are tokens. */
  labels?: string[];
  /** The teacher's probabilities. */
  teacher: number[];
  /** The student's probabilities. */
  student: number[];
}

const toys: readonly { name: ToyName; title: string }[] = [
  { name: "gaussians", title: "Two Gaussians" },
  { name: "mixtures", title: "Two modes against one" },
  { name: "humps", title: "Supports that overlap" },
];

/**
 * Makes the pairs on a line of points: two Gaussians, a mixture against a Gaussian, and two humps that are zero outside
 * intervals of their own.
 *
 * @param options How many points each has.
 * @returns The pairs.
 */
export function toyExplorerPairs({ count = 1000 }: { count?: number } = {}): ExplorerPair[] {
  return toys.map(({ name, title }) => {
    const { points, teacher, student } = toyPair(name, { count });
    return { name, title, axis: "x", points, teacher: teacher.map(Math.exp), student: student.map(Math.exp) };
  });
}
