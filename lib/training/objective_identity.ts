/**
 * What tells a run's objective apart from others.
 *
 * @module
 */
import type { Schedule } from "../assistants/schedules.ts";
import { describeObjective } from "../objectives/recipe.ts";
import type { DistillOptions } from "./distill_options.ts";
import { named } from "./flat_description.ts";

/** Where on the way of α and λ a maker is asked. Their ends are left out: a schedule may end outside of what makes sense. */
const PLACES = [0, 0.25, 0.5, 0.75];

/**
 * Describes a run's objective by its name and all options. A maker is described by what it makes along the way of α and λ:
 * where that differs, the values stand side by side.
 *
 * @returns Texts by name: `objective`, `objective.order`, ….
 */
export function objectiveIdentity(
  { objective, alpha, lambda }: Pick<DistillOptions, "objective" | "alpha" | "lambda">,
): Record<string, string> {
  if (objective === undefined) return {};
  if (typeof objective !== "function") return named("objective", describeObjective(objective));
  const made = PLACES.map((place) => {
    const mixture = { alpha: valueAt(alpha, place), lambda: valueAt(lambda, place) };
    return named("objective", describeObjective(objective(mixture)));
  });
  const names = new Set(made.flatMap(Object.keys));
  return Object.fromEntries([...names].map((name) => {
    const values = made.map((one) => one[name] ?? "absent");
    return [name, values.every((value) => value === values[0]) ? values[0] : values.join(", ")];
  }));
}

const valueAt = (value: number | Schedule | undefined, place: number): number | undefined =>
  typeof value === "object" ? value.from + ((value.to ?? value.from) - value.from) * place : value;
