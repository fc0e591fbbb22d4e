/**
 * Schedules of the learning rate.
 *
 * @module
 */
import { aNumber, checkArguments, objectWith } from "../../arguments/check_arguments.ts";

/** A schedule by name. */
export interface LearningRateSchedule {
  /**
   * After the warm-up: `"constant"`; `"cosine"` or `"polynomial"` down to `minimum` at the last step; `"noam"`, with
   * the inverse square root of the step, never below `minimum`.
   *
   * @default {"cosine"}
   */
  name?: "constant" | "cosine" | "noam" | "polynomial";
  /**
   * The lowest rate after the warm-up.
   *
   * @default {1e-7, or the peak where that is lower}
   */
  minimum?: number;
  /**
   * Steps over which the rate first rises linearly from 0.
   *
   * @default {0}
   */
  warmupSteps?: number;
  /**
   * `polynomial`: the exponent; 1 is a straight line. The schedule that MiniLLM's code calls "noam" is a polynomial of
   * power 0.5.
   *
   * @default {1}
   */
  power?: number;
}

/** A schedule where its options do not say. */
export const SCHEDULE_DEFAULTS = {
  name: "cosine",
  minimum: 1e-7,
  warmupSteps: 0,
  power: 1,
} as const satisfies Required<LearningRateSchedule>;

/** What {@linkcode learningRateAt} needs in addition to the schedule. */
export interface LearningRateContext {
  /** The highest rate. */
  peak: number;
  /** The total number of steps of the run. */
  totalSteps: number;
}

/** A place in a schedule. */
interface Place {
  /** 0 at the end of the warm-up, 1 at the end of the run. */
  progress: number;
  /** Steps taken, this one included. */
  count: number;
  /** Steps of the warm-up, the step at the peak included. */
  warmup: number;
  power: number;
}

/** The rate between minimum (0) and peak (1); for noam a share of the peak. */
const shapes: Record<NonNullable<LearningRateSchedule["name"]>, (place: Place) => number> = {
  constant: () => 1,
  cosine: ({ progress }) => (1 + Math.cos(Math.PI * progress)) / 2,
  noam: ({ count, warmup }) => Math.sqrt(warmup / count),
  polynomial: ({ progress, power }) => (1 - progress) ** power,
};

/**
 * The rate of a step. With s the step from 0, w the warm-up and t = (s − w) / (totalSteps − w):
 *
 * - warm-up: `peak · (s + 1) / (w + 1)`
 * - `cosine`: `minimum + (peak − minimum) · (1 + cos πt) / 2`
 * - `polynomial`: `minimum + (peak − minimum) · (1 − t)^power`
 * - `noam`: `max(minimum, peak · √((w + 1) / (s + 1)))`
 *
 * @param step The step, from 0.
 * @param schedule The schedule.
 * @throws {RangeError} If there is no schedule of that name, or a number is not in its range.
 *
 * Sources: I. Loshchilov and F. Hutter, "SGDR: stochastic gradient descent with warm restarts", 2017, eq. 5;
 * A. Vaswani et al., "Attention is all you need", 2017, eq. 3.
 *
 * @example The rate that the Transformer was trained with
 * ```ts
 * import assert from "node:assert/strict";
 * import { learningRateAt } from "@amid/amid/training";
 *
 * const schedule = { name: "noam", warmupSteps: 3, peak: 1, totalSteps: 100 } as const;
 * assert.deepEqual([0, 3, 15].map((step) => learningRateAt(step, schedule)), [0.25, 1, 0.5]);
 * ```
 */
export function learningRateAt(step: number, schedule: LearningRateSchedule & LearningRateContext): number {
  checkArguments("schedule the learning rate", {
    step: [step, aNumber],
    schedule: [schedule, objectWith("peak", "totalSteps")],
  });
  const { name = SCHEDULE_DEFAULTS.name, peak, totalSteps, warmupSteps = SCHEDULE_DEFAULTS.warmupSteps } = schedule;
  const { minimum = Math.min(peak, SCHEDULE_DEFAULTS.minimum), power = SCHEDULE_DEFAULTS.power } = schedule;
  checkSchedule(schedule);
  if (step < warmupSteps) return peak * (step + 1) / (warmupSteps + 1);
  const progress = Math.min(1, (step - warmupSteps) / Math.max(1, totalSteps - warmupSteps));
  const share = shapes[name]({ progress, count: step + 1, warmup: warmupSteps + 1, power });
  return name === "noam" ? Math.max(minimum, peak * share) : minimum + (peak - minimum) * share;
}

/**
 * Checks a schedule.
 *
 * @throws {RangeError} If there is no schedule of that name, or a number is not in its range; the message names it.
 */
export function checkSchedule(schedule: LearningRateSchedule): void {
  const { name, minimum, warmupSteps, power } = { ...SCHEDULE_DEFAULTS, ...schedule };
  const fail = (requirement: string, value: unknown): never => {
    throw new RangeError(`Cannot schedule the learning rate: ${requirement}, current value is ${value}`);
  };
  if (!Object.hasOwn(shapes, name)) fail(`name must be one of ${Object.keys(shapes).join(", ")}`, name);
  if (!(minimum >= 0 && minimum < Infinity)) fail("minimum must be a non-negative number", minimum);
  if (!(Number.isSafeInteger(warmupSteps) && warmupSteps >= 0)) {
    fail("warmupSteps must be a non-negative whole number", warmupSteps);
  }
  if (!(power > 0 && power < Infinity)) fail("power must be a number above 0", power);
}
