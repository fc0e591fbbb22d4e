/**
 * Runs that are resumed with a different length.
 *
 * @module
 */
import type { ScheduleState } from "../../assistants/schedules.ts";
import { learningRateAt } from "../optimizer/learning_rate.ts";
import { SettingsSchedule } from "../step/step_settings.ts";
import type { TrainerOptions } from "../step/trainer_options.ts";

/** The progress of a run and its planned length. */
export interface LengthBefore {
  /** Steps taken. */
  taken: number;
  /** The planned steps of the whole run. */
  totalSteps: number;
  /** The state of the schedules. */
  schedules: Record<string, ScheduleState>;
}

/**
 * Describes what a different length changes for a resumed run. Schedules span the new length from this point, as if
 * the run had been started with it: constants stay, a learning rate that had fallen rises again.
 *
 * @param options The resumed run.
 * @param before What it was before.
 * @returns A sentence; undefined if the length is the same.
 */
export function lengthChange(options: TrainerOptions, before: LengthBefore): string | undefined {
  const { totalSteps } = options;
  if (totalSteps === before.totalSteps) return undefined;
  const plan = `the run, planned for ${before.totalSteps} steps, continues to ${totalSteps}`;
  if (before.taken >= totalSteps) return `${plan}, which have been taken`;
  const [then, now] = [before.totalSteps, totalSteps].map((total) =>
    valuesAt({ ...options, totalSteps: total }, before)
  );
  const changed = Object.keys(now).filter((name) => then[name] !== now[name])
    .map((name) => `${name} is ${short(now[name])} at the next step, it would have been ${short(then[name])}`);
  return `${plan}: schedules span ${totalSteps} steps from here on` + changed.map((part) => `; ${part}`).join("");
}

function valuesAt(options: TrainerOptions, { taken, schedules }: LengthBefore): Record<string, number> {
  const { optimizer: { learningRate: peak }, schedule, totalSteps } = options;
  const settings = new SettingsSchedule(options);
  settings.restore(schedules);
  return { learningRate: learningRateAt(taken, { ...schedule, peak, totalSteps }), ...settings.moving(taken) };
}

const short = (value: number): string => String(Number(value.toPrecision(4)));
