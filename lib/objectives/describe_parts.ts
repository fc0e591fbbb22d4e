/**
 * What an objective is made of as plain data.
 *
 * @module
 */
import type { Divergence } from "../divergences/divergence.ts";
import { isBuiltIn } from "../divergences/registry.ts";
import type { Composition } from "./composition.ts";
import { describeOwn, plainOptions } from "./recipe.ts";
import type { RecipeValue } from "./recipe_types.ts";

/**
 * Describes compositions and how they are weighed.
 *
 * @param parts The compositions.
 * @param weigh What weighs them, described by its source text.
 */
export function describeParts(parts: readonly Composition[], weigh?: unknown): Record<string, RecipeValue> {
  const described = parts.map(({ divergence, order, assistant }) => ({
    divergence: describeDivergence(divergence),
    order,
    ...assistant && { assistant },
  }));
  return plainOptions({ parts: described, ...(weigh ? { weigh } : {}) });
}

/** One of the library's by its name and its parameters, one of your own by all of its properties. */
function describeDivergence(divergence: Divergence): Record<string, unknown> {
  const { name, parameters } = divergence;
  if (isBuiltIn(divergence)) return { name, ...parameters };
  const { options } = describeOwn(divergence, ["partials"]);
  return { name, ...options };
}
