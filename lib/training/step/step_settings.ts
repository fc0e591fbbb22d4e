/**
 * The settings of a step, which schedules change from step to step.
 *
 * @module
 */
import {
  type Schedule,
  type ScheduledNumber,
  scheduledNumber,
  type ScheduleState,
} from "../../assistants/schedules.ts";
import type { Objective } from "../../objectives/objective.ts";
import { tempered } from "../../objectives/tempered.ts";
import { withMixture } from "../../objectives/with_mixture.ts";
import type { TrainerOptions } from "./trainer_options.ts";

/** The numbers that can have a schedule. */
export type ScheduledName = "alpha" | "lambda" | "temperature" | "distillWeight" | "textWeight";

/** The settings of a step. */
export interface StepSettings {
  /** The distillation loss, at its temperature. */
  objective?: Objective;
  /** Weight of the distillation loss. */
  distillWeight: number;
  /** Weight of the loss on plain text. */
  textWeight: number;
}

/** Provides each step's settings. */
export class SettingsSchedule {
  readonly #numbers = new Map<ScheduledName, ScheduledNumber>();
  readonly #moving: ScheduledName[] = [];
  readonly #objective: TrainerOptions["objective"];
  #made?: { key: string; objective?: Objective };

  /**
   * Starts all schedules.
   *
   * @throws {RangeError} If a schedule is invalid.
   */
  constructor(options: TrainerOptions) {
    const { teacher, totalSteps, alpha, lambda, objective } = options;
    const { temperature = 1, distillWeight = teacher ? 1 : 0, textWeight = 0 } = options;
    const all: Record<ScheduledName, number | Schedule | undefined> = {
      alpha,
      lambda,
      temperature,
      distillWeight,
      textWeight,
    };
    for (const [name, schedule] of Object.entries(all) as [ScheduledName, number | Schedule | undefined][]) {
      if (schedule === undefined) continue;
      this.#numbers.set(name, scheduledNumber(schedule, { name, totalSteps }));
      if (typeof schedule === "object" && schedule.name !== "constant") this.#moving.push(name);
    }
    this.#objective = objective;
  }

  /**
   * The settings of a step.
   *
   * @param step The step, from 0.
   */
  at(step: number): StepSettings {
    const value = (name: ScheduledName) => this.#numbers.get(name)?.at(step);
    return {
      objective: this.#objectiveOf({
        alpha: value("alpha"),
        lambda: value("lambda"),
        temperature: value("temperature")!,
      }),
      distillWeight: value("distillWeight")!,
      textWeight: value("textWeight")!,
    };
  }

  /** The current values of scheduled settings. */
  moving(step: number): Record<string, number> {
    return Object.fromEntries(this.#moving.map((name) => [name, this.#numbers.get(name)!.at(step)]));
  }

  /** Receives the distillation loss of a step. */
  observe(step: number, distillLoss: number): void {
    for (const number of this.#numbers.values()) number.observe(step, distillLoss);
  }

  /** The state for a checkpoint. */
  state(): Record<string, ScheduleState> {
    return Object.fromEntries([...this.#numbers].map(([name, number]) => [name, number.state()]));
  }

  /** Restores the state of a checkpoint. */
  restore(state: Record<string, ScheduleState>): void {
    const { corpusWeight, ...named } = state; // the older name of textWeight
    const known = { textWeight: corpusWeight, ...named } as Record<string, ScheduleState | undefined>;
    for (const [name, number] of this.#numbers) if (known[name]) number.restore(known[name]);
  }

  #objectiveOf(settings: { alpha?: number; lambda?: number; temperature: number }): Objective | undefined {
    const { temperature, ...mixture } = settings;
    const key = Object.values(settings).join();
    if (this.#made?.key !== key) {
      const objective = this.#objective && tempered(withMixture(this.#objective, mixture), temperature);
      this.#made = { key, objective };
    }
    return this.#made!.objective;
  }
}
