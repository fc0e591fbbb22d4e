/**
 * The trainer's options that the settings of the task distill stand for.
 *
 * @module
 */
import type { DivergenceOption } from "../../lib/divergences/registry.ts";
import { objective } from "../../lib/objectives/mod.ts";
import type { Objective } from "../../lib/objectives/objective.ts";
import { withMixture } from "../../lib/objectives/with_mixture.ts";
import type { TrainerOptions } from "../../lib/training/step/trainer.ts";
import type { DistillConfig } from "./distill_setup.ts";
import { flagOf } from "./field.ts";
import {
  choosesDivergence,
  type ObjectiveSettings,
  optionsOfObjective,
  parametersOf,
  setsMixture,
  type TakenOption,
} from "./objective_fields.ts";
import { scheduleOf } from "./schedule_fields.ts";
import { optimizerOptionsOf } from "./training_fields.ts";
import { UsageError } from "./usage_error.ts";

/**
 * Turns settings into the trainer's options.
 *
 * @param config The settings.
 * @param plainText The plain text whose loss joins, if there is one.
 * @throws {UsageError} If the objective or a schedule is invalid; the message names the flag.
 */
export function trainerOptionsOf(
  config: DistillConfig,
  plainText?: { weight: number },
): Omit<TrainerOptions, "student" | "teacher"> {
  const { steps: totalSteps, microBatchSize, recompute, temperature, distillWeight, measureEvery } = config;
  const settings = config;
  return {
    totalSteps,
    microBatchSize,
    recompute,
    measureEvery,
    ...optimizerOptionsOf(config),
    ...mixtureOf(config),
    temperature: scheduleOf("temperature", { from: temperature, settings }),
    distillWeight: scheduleOf("distillWeight", { from: distillWeight, settings }),
    textWeight: scheduleOf("textWeight", { from: plainText?.weight ?? 0, settings }),
  };
}

/**
 * The objective, and the schedules of α and λ.
 *
 * @throws {UsageError} If the objective or a schedule is invalid; the message names the flag.
 */
export function mixtureOf(config: DistillConfig): Pick<TrainerOptions, "objective" | "alpha" | "lambda"> {
  const objective = objectiveOf(config);
  const scheduled = (["alpha", "lambda"] as const).flatMap((name) => {
    // A schedule in a file may be for another objective: the flags' own check warns of it.
    const idle = objective.assistant === undefined || !setsMixture(config.objective, name);
    if (idle || config[`${name}Schedule`] === "constant") return [];
    return [[name, scheduleOf(name, { from: startOf(objective, name), settings: config })] as const];
  });
  return { objective, ...Object.fromEntries(scheduled) };
}

/**
 * Where the schedule of a number of the objective's mixture starts: at what it is.
 *
 * @throws {UsageError} If the objective has no mixture, or does not leave that number open.
 */
function startOf(objective: Objective, name: "alpha" | "lambda"): number {
  const start = objective.assistant?.[name];
  try {
    withMixture(objective, { [name]: start ?? 0 });
  } catch (cause) {
    throw new UsageError(`${(cause as Error).message} (--${name}-schedule)`, { cause });
  }
  return start!;
}

/**
 * Makes the objective that the settings ask for. Options that it lacks are left out: the flags' own check says so.
 *
 * @throws {UsageError} If a value is invalid; the message names the flag.
 */
export function objectiveOf(settings: ObjectiveSettings): Objective {
  const { objective: name, divergence } = settings;
  const options = valuesOf(optionsOfObjective(name), settings, `--objective ${name}`);
  try {
    if (!choosesDivergence(name)) return objective(name, options);
    const chosen = divergence ?? "kl";
    const parameters = valuesOf(parametersOf(chosen), settings, `--divergence ${chosen}`);
    return objective(name as "amid", { ...options, divergence: { name: chosen, ...parameters } as DivergenceOption });
  } catch (cause) {
    throw cause instanceof UsageError ? cause : new UsageError((cause as Error).message, { cause });
  }
}

/** The options that are given, checked by what takes them. */
function valuesOf(taken: readonly TakenOption[], settings: ObjectiveSettings, taker: string): Record<string, unknown> {
  const given = taken.filter(({ key }) => settings[key as keyof ObjectiveSettings] !== undefined);
  return Object.fromEntries(given.map(({ key, option, spec }) => {
    const value = settings[key as keyof ObjectiveSettings];
    try {
      return [option, spec.check(value, `Cannot use ${flagOf(key)}: with ${taker} it`)];
    } catch (cause) {
      throw new UsageError((cause as Error).message, { cause });
    }
  }));
}
