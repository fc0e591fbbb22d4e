/**
 * Schedules of a parameter over a run: the mixture's α and λ, the temperature, weights.
 *
 * @module
 */
import { anObject, aNumber, aText, checkArguments, objectWith } from "../arguments/check_arguments.ts";

/** How a parameter changes over a run. */
export interface Schedule {
  /**
   * `"constant"`: `from`; `"linear"` and `"cosine"`: from `from` to `to`; `"adaptive"`: TAID's, which advances faster
   * while the loss falls, and never lags behind the linear one.
   */
  name: "constant" | "linear" | "cosine" | "adaptive";
  /** The value of the first step. */
  from: number;
  /** The value at the end of the run; required except for `"constant"`. */
  to?: number;
  /**
   * `adaptive`: the largest step, as a fraction of the remaining distance.
   *
   * @default {5e-4}
   */
  rate?: number;
  /**
   * `adaptive`: decay of the mean of the loss's relative changes; in `[0, 1)`.
   *
   * @default {0.99}
   */
  momentum?: number;
}

/** What a checkpoint keeps of a schedule. */
export interface ScheduleState {
  /** `adaptive`: the progress, 0 to 1. */
  progress: number;
  /** `adaptive`: the mean of the loss's relative changes. */
  mean: number;
  /** `adaptive`: the last loss. */
  loss?: number;
}

/** A scheduled parameter. */
export interface ScheduledNumber {
  /**
   * The value at a step.
   *
   * @param step The step, from 0.
   */
  at(step: number): number;
  /** Receives the distillation loss of a step. */
  observe(step: number, loss: number): void;
  /** What a checkpoint keeps. */
  state(): ScheduleState;
  /** Restores the state of a checkpoint. */
  restore(state: ScheduleState): void;
}

/** Options for {@linkcode scheduledNumber}. */
export interface ScheduledNumberOptions {
  /** The parameter's name in messages. */
  name: string;
  /** The total number of steps of the run. */
  totalSteps: number;
}

const ways: Record<Schedule["name"], (share: number) => number> = {
  constant: () => 0,
  linear: (share) => share,
  cosine: (share) => (1 - Math.cos(Math.PI * share)) / 2,
  adaptive: (share) => share,
};

/**
 * Creates a scheduled parameter.
 *
 * With t = step / totalSteps, `linear` is `from + (to − from) t` and `cosine` `from + (to − from) (1 − cos πt) / 2`.
 * `adaptive` keeps its progress s: after each loss L it takes the relative change δ = (L_before − L) / L_before, its
 * mean m ← momentum · m + (1 − momentum) δ, and s ← min(1, max(t, s + rate · sigmoid(m) · (1 − s))).
 *
 * Source of `adaptive`: M. Shing et al., "TAID: Temporally Adaptive Interpolated Distillation for Efficient Knowledge
 * Transfer in Language Models", 2025, algorithm 1, where the interpolation ends at 1.
 *
 * @param schedule The schedule, or a constant.
 * @param options The parameter's name and the run's length.
 * @throws {RangeError} If a value is not finite or not in its range, or there is no schedule of that name.
 *
 * @example λ from 0.4 to 1
 * ```ts
 * import assert from "node:assert/strict";
 * import { scheduledNumber } from "@amid/amid";
 *
 * const schedule = { name: "linear", from: 0.4, to: 1 } as const;
 * const lambda = scheduledNumber(schedule, { name: "lambda", totalSteps: 10 });
 * assert.equal(lambda.at(5), 0.7);
 * ```
 */
export function scheduledNumber(schedule: Schedule | number, options: ScheduledNumberOptions): ScheduledNumber {
  checkArguments("schedule a number", {
    schedule: [schedule, aSchedule],
    options: [options, objectWith("name", "totalSteps")],
  });
  checkArguments("schedule a number", { name: [options.name, aText], totalSteps: [options.totalSteps, aNumber] });
  const { name, from, to = from, rate = 5e-4, momentum = 0.99 } = typeof schedule === "number"
    ? { name: "constant" as const, from: schedule }
    : schedule;
  check(schedule, options);
  const { totalSteps } = options;
  let state: ScheduleState = { progress: 0, mean: 0 };
  const progressAt = (step: number) =>
    Math.min(1, Math.max(step / totalSteps, name === "adaptive" ? state.progress : 0));
  return {
    at: (step) => name === "constant" ? from : from + (to - from) * ways[name](progressAt(step)),
    observe(step, loss) {
      if (name !== "adaptive") return;
      const before = state.loss;
      if (before === undefined) {
        state = { ...state, loss };
        return;
      }
      const change = before === 0 ? 0 : (before - loss) / before;
      const mean = momentum * state.mean + (1 - momentum) * change;
      const progress = progressAt(step);
      state = { loss, mean, progress: Math.min(1, progress + rate * (1 - progress) / (1 + Math.exp(-mean))) };
    },
    state: () => ({ ...state }),
    restore: (kept) => state = { ...kept },
  };
}

const aSchedule = {
  what: "a number or an object with name and from",
  fits: (value: unknown) => aNumber.fits(value) || anObject.fits(value),
};

function check(schedule: Schedule | number, { name: owner }: ScheduledNumberOptions): void {
  if (typeof schedule === "number") {
    if (!Number.isNaN(schedule)) return;
    throw new RangeError(`Cannot schedule ${owner}: a number is needed, current value is NaN`);
  }
  const { name, from, to, rate = 0, momentum = 0 } = schedule;
  if (!Object.hasOwn(ways, name)) {
    throw new RangeError(
      `Cannot schedule ${owner}: name must be one of ${Object.keys(ways).join(", ")}, current value is ${name}`,
    );
  }
  for (const [key, value] of Object.entries({ from, to })) {
    if (value === undefined && (key === "from" || name !== "constant")) {
      throw new RangeError(`Cannot schedule ${owner}: a ${name} schedule must have "${key}", it is missing`);
    }
    const finite = name === "constant" ? !Number.isNaN(value) : Number.isFinite(value);
    if (value !== undefined && !finite) {
      throw new RangeError(`Cannot schedule ${owner}: ${key} must be a finite number, current value is ${value}`);
    }
  }
  if (!(rate >= 0 && rate <= 1)) {
    throw new RangeError(`Cannot schedule ${owner}: rate must be in 0..1, current value is ${rate}`);
  }
  if (!(momentum >= 0 && momentum < 1)) {
    throw new RangeError(`Cannot schedule ${owner}: momentum must be in [0, 1), current value is ${momentum}`);
  }
}
