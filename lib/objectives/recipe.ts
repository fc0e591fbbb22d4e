/**
 * Objectives and the like as plain data, which identifies them and can be stored as JSON.
 *
 * @module
 */
import { anObjective, checkArguments } from "../arguments/check_arguments.ts";
import { hashText } from "../random/random.ts";
import type { Objective } from "./objective.ts";
import type { NamedOptions, ObjectiveRecipe, RecipeValue } from "./recipe_types.ts";

/** The functions of objectives made from a recipe. A copy of such an objective may have others, and is then another. */
const recipeOf = new WeakMap<object, ObjectiveRecipe>();
const ownRecipes = new WeakSet<ObjectiveRecipe>();

const functionsOf = ({ perToken, valueAndGradient }: Objective) =>
  [perToken, valueAndGradient].filter((part) => part !== undefined);

/** Gives an objective the recipe that it was made from. */
export function withRecipe(objective: Objective, recipe: ObjectiveRecipe): Objective {
  ownRecipes.add(recipe);
  for (const part of functionsOf(objective)) recipeOf.set(part, recipe);
  return { ...objective, recipe };
}

/**
 * Describes an objective as plain data. Objectives of {@linkcode objective} have a recipe with all of their options; an
 * objective of your own is described by the `recipe` that it brings. Without one, its plain properties and the source
 * text of its functions stand for it: what a function merely closes over is not seen.
 *
 * @param objective The objective.
 *
 * @example Options that were left out are there
 * ```ts
 * import assert from "node:assert/strict";
 * import { objective } from "@amid/amid";
 * import { describeObjective } from "@amid/amid/objectives";
 *
 * const { name, options } = describeObjective(objective("distillm"));
 * assert.deepEqual({ name, options }, { name: "distillm", options: { skew: 0.1 } });
 * ```
 */
export function describeObjective(objective: Objective): ObjectiveRecipe {
  checkArguments("describe an objective", { objective: [objective, anObjective] });
  const { recipe } = objective;
  const altered = recipe && ownRecipes.has(recipe) &&
    functionsOf(objective).some((part) => recipeOf.get(part) !== recipe);
  if (recipe && !altered) return recipe;
  return describeOwn(objective, ["perToken", "valueAndGradient"]);
}

/**
 * Describes an object that somebody else wrote: by its plain properties, and by the source text of its functions.
 *
 * @param object The object.
 * @param methods The names of its functions, which may be inherited.
 */
export function describeOwn(object: { readonly name: string }, methods: readonly string[]): NamedOptions {
  const { name, recipe: _recipe, ...own } = object as { name: string; recipe?: unknown } & Record<string, unknown>;
  const inherited = methods.filter((method) => !(method in own)).map((method) =>
    [method, (object as unknown as Record<string, unknown>)[method]] as const
  );
  const maker: unknown = Object.getPrototypeOf(object)?.constructor;
  const made = typeof maker === "function" && maker !== Object ? [["class", maker] as const] : [];
  return { name, options: plainOptions(Object.fromEntries([...Object.entries(own), ...inherited, ...made])) };
}

/** Options as a recipe holds them; what is no plain data is left out. */
export function plainOptions(options: object): Record<string, RecipeValue> {
  return Object.fromEntries(
    Object.entries(options).flatMap(([key, value]) => {
      const plain = plainValue(value);
      return plain === undefined ? [] : [[key, plain]];
    }),
  );
}

function plainValue(value: unknown): RecipeValue | undefined {
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number") {
    return Number.isFinite(value) ? value : String(value).replace("inity", "").toLowerCase();
  }
  if (typeof value === "bigint") return String(value);
  if (typeof value === "function") return recipeOf.has(value) ? { ...recipeOf.get(value)! } : sourceOf(value);
  if (Array.isArray(value)) return value.map((item) => plainValue(item) ?? null);
  if (ArrayBuffer.isView(value)) return `${value.byteLength} bytes of hash ${hashed(bytesOf(value).join())}`;
  if (typeof value !== "object") return undefined;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null ? plainOptions(value) : undefined;
}

/** Whitespace is ignored, so that a program may be reformatted. */
const sourceOf = (value: object): string => `source of hash ${hashed(String(value).replace(/\s+/g, " "))}`;
const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView) => new Uint8Array(buffer, byteOffset, byteLength);
const hashed = (text: string): string => hashText(text).toString(16);

/** Options as they were before they became a recipe's. */
export function revived(value: RecipeValue): unknown {
  if (value === "inf" || value === "-inf") return value === "inf" ? Infinity : -Infinity;
  if (Array.isArray(value)) return value.map(revived);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, revived(inner)]));
}
