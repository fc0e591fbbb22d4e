/**
 * Schedules of the learning rate.
 *
 * @module
 */

/** A schedule by name. */
export interface LearningRateSchedule {
  /**
   * `"constant"`, or `"cosine"` down to `minimum` at the last step.
   *
   * @default {"cosine"}
   */
  name?: "constant" | "cosine";
  /**
   * Where the cosine ends.
   *
   * @default {0}
   */
  minimum?: number;
  /**
   * Steps over which the rate first rises linearly from 0.
   *
   * @default {0}
   */
  warmupSteps?: number;
}

/** What {@linkcode learningRateAt} needs beside the schedule. */
export interface LearningRateContext {
  /** The highest rate. */
  peak: number;
  totalSteps: number;
}

const shapes = {
  constant: () => 1,
  cosine: (progress: number) => (1 + Math.cos(Math.PI * progress)) / 2,
};

/**
 * Gives the rate of a step: `minimum + (peak − minimum) · (1 + cos(π t / T)) / 2` for the cosine, t counted from the end
 * of the warm-up.
 *
 * @param step The step, from 0.
 * @param schedule The schedule.
 * @throws {RangeError} If there is no schedule of that name.
 *
 * Source: I. Loshchilov and F. Hutter, "SGDR: stochastic gradient descent with warm restarts", 2017, eq. 5.
 */
export function learningRateAt(step: number, schedule: LearningRateSchedule & LearningRateContext): number {
  const { name = "cosine", minimum = 0, warmupSteps = 0, peak, totalSteps } = schedule;
  if (!Object.hasOwn(shapes, name)) {
    const names = Object.keys(shapes).join(", ");
    throw new RangeError(`Cannot schedule the learning rate: name must be one of ${names}, current value is ${name}`);
  }
  if (step < warmupSteps) return peak * (step + 1) / (warmupSteps + 1);
  const progress = Math.min(1, (step - warmupSteps) / Math.max(1, totalSteps - warmupSteps));
  return minimum + (peak - minimum) * shapes[name](progress);
}
