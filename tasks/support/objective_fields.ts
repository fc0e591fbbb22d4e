/**
 * Settings of the distillation loss.
 *
 * @module
 */
import { z } from "zod";
import { type DivergenceName, type DivergenceOption, divergences } from "../../lib/divergences/registry.ts";
import { objective, objectives } from "../../lib/objectives/mod.ts";
import type { Objective } from "../../lib/objectives/objective.ts";
import type { ObjectiveName } from "../../lib/objectives/options.ts";
import { flagOf, inGroup } from "./field.ts";
import {
  choosesDivergence,
  objectiveOptionFields,
  optionsOfObjective,
  parametersOf,
  type TakenOption,
} from "./objective_options.ts";
import { UsageError } from "./usage_error.ts";

/** The objective by name, and the options that some of them have. */
export const objectiveFields = inGroup("Objective", {
  distillWeight: z.number().min(0).max(1).default(1).describe(
    "weight of the distillation loss, 0 to 1; next-token loss has the rest",
  ),
  objective: z.enum(objectives() as [ObjectiveName, ...ObjectiveName[]]).default("amid").describe(
    "the distillation loss",
  ),
  divergence: z.enum(divergences() as [DivergenceName, ...DivergenceName[]]).optional().describe(
    "amid: the divergence; kl if absent",
  ),
  ...objectiveOptionFields(),
});

/** The settings of {@linkcode objectiveFields}, as they are parsed. */
export type ObjectiveSettings = z.output<z.ZodObject<typeof objectiveFields>>;

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
