/**
 * Recipes in words.
 *
 * @module
 */
import { checkArguments, objectWith } from "../arguments/check_arguments.ts";
import type { ObjectiveRecipe, RecipeValue } from "./recipe_types.ts";

/**
 * Describes a recipe in one line, for reports: its name, then its options.
 *
 * @param recipe The recipe, as an objective has it.
 *
 * @example The defaults too
 * ```ts
 * import assert from "node:assert/strict";
 * import { objective } from "@amid/amid";
 * import { recipeText } from "@amid/amid/objectives";
 *
 * assert.equal(recipeText(objective("distillm").recipe!), "distillm (skew 0.1)");
 * ```
 */
export function recipeText(recipe: ObjectiveRecipe): string {
  checkArguments("describe an objective", { recipe: [recipe, objectWith("name", "options")] });
  const { name, options, temperature = 1 } = recipe;
  const all = temperature === 1 ? options : { ...options, temperature };
  const parts = partsOf(all);
  return parts.length === 0 ? name : `${name} (${parts.join(", ")})`;
}

/** Options in words; what is off is left out. */
function partsOf(options: Readonly<Record<string, RecipeValue>>): string[] {
  return Object.entries(options).flatMap(([key, value]) => value === false ? [] : [`${key} ${textOf(value)}`]);
}

function textOf(value: RecipeValue): string {
  if (typeof value !== "object" || value === null) return String(value);
  if (Array.isArray(value)) return value.map(textOf).join(", ");
  const { name, ...others } = value as { readonly [key: string]: RecipeValue };
  const inner = partsOf(others).join(", ");
  if (name === undefined) return `(${inner})`;
  return inner === "" ? String(name) : `${name} (${inner})`;
}
