/**
 * The objective of a run in words.
 *
 * @module
 */
import { describeObjective } from "../objectives/recipe.ts";
import { recipeText } from "../objectives/recipe_text.ts";
import type { TrainerOptions } from "../training/step/trainer_options.ts";

/** The objective with all of its options, and how what changes goes over the run; undefined without an objective. */
export function objectiveText(
  { objective, alpha, lambda, temperature }: Pick<TrainerOptions, "objective" | "alpha" | "lambda" | "temperature">,
): string | undefined {
  if (!objective) return undefined;
  const schedules = Object.entries({ alpha, lambda, temperature }).flatMap(([name, schedule]) =>
    typeof schedule === "object" ? [`${name} ${schedule.name} from ${schedule.from} to ${schedule.to}`] : []
  );
  const fixed = typeof temperature === "number" ? temperature : 1;
  return [recipeText({ ...describeObjective(objective), temperature: fixed }), ...schedules].join(", ");
}
