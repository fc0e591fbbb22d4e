/**
 * The identity of a run's objective.
 *
 * @module
 */
import { describeObjective } from "../../objectives/recipe.ts";
import type { DistillOptions } from "./distill_options.ts";
import { named } from "./flat_description.ts";
import { firstObjective } from "../step/check_trainer_options.ts";

/**
 * Describes a run's objective by its recipe: its name and all options, with the α and λ of the run's first step. Their
 * schedules are described separately.
 *
 * @returns Texts by name: `objective`, `objective.order`, ….
 */
export function objectiveIdentity(
  options: Pick<DistillOptions, "objective" | "alpha" | "lambda">,
): Record<string, string> {
  const objective = firstObjective(options);
  return objective ? named("objective", describeObjective(objective)) : {};
}
