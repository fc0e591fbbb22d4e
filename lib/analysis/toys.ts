/**
 * The pairs of teacher and student that the figures show.
 *
 * @module
 */
import type { LogPair } from "./assistant_float64.ts";
import { gaussianMixture, hump, lineOfPoints } from "./grid.ts";

/** A pair on a line of points. */
export interface ToyPair extends LogPair {
  /** The points x. */
  points: number[];
}

/** The names of the pairs. */
export type ToyName = "gaussians" | "mixtures" | "humps";

/**
 * Makes a pair: `gaussians`, two bells apart; `mixtures`, a teacher of two bells and a student of one; `humps`, two
 * distributions that are zero outside intervals which overlap.
 *
 * @param name Which pair.
 * @param options How many points the line has.
 * @returns The pair.
 * @throws {RangeError} If there is no pair of that name.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { toyPair } from "@amid/amid/analysis";
 *
 * assert(toyPair("humps").teacher.includes(-Infinity));
 * ```
 */
export function toyPair(name: ToyName, options: { count?: number } = {}): ToyPair {
  const { count = 201 } = options;
  const points = lineOfPoints({ from: -6, to: 6, count });
  switch (name) {
    case "gaussians":
      return {
        points,
        teacher: gaussianMixture(points, [{ mean: -1.5, deviation: 0.8 }]),
        student: gaussianMixture(points, [{ mean: 1.5, deviation: 1.2 }]),
      };
    case "mixtures":
      return {
        points,
        teacher: gaussianMixture(points, [{ mean: -2.5, deviation: 0.7, share: 0.6 }, {
          mean: 2.2,
          deviation: 0.6,
          share: 0.4,
        }]),
        student: gaussianMixture(points, [{ mean: 0.3, deviation: 1.6 }]),
      };
    case "humps":
      return {
        points,
        teacher: hump(points, { mean: -1.5, halfWidth: 2.5 }),
        student: hump(points, { mean: 1.5, halfWidth: 3 }),
      };
    default:
      throw new RangeError(
        `Cannot make a pair: its name must be gaussians, mixtures or humps, current value is ${name}`,
      );
  }
}
