/**
 * Objectives: losses per token from the two models' logits.
 *
 * @module
 */
import { checkArguments, objectWith } from "../arguments/check_arguments.ts";
import type { AlphaMixtureOptions } from "../assistants/alpha_mixture.ts";
import { readOptions } from "../divergences/option.ts";
import { combined } from "./combined.ts";
import type { Objective } from "./objective.ts";
import type { ObjectiveName, ObjectiveOptions } from "./options.ts";
import { type Preset, presets } from "./presets.ts";
import { plainOptions, revived, withRecipe } from "./recipe.ts";
import type { ObjectiveRecipe } from "./recipe_types.ts";
import { tempered } from "./tempered.ts";
import { mixtureOptions } from "./with_mixture.ts";

export type { AmidLossSpecification, KernelDivergence } from "../operations/amid_loss.ts";
export { coarsened, type CoarseningInputs } from "./coarsen.ts";
export { combined, type CombinedOptions, type Weighing } from "./combined.ts";
export {
  type AssistantOptions,
  type Composition,
  composition,
  type CompositionOptions,
  type DistributionPair,
  type Order,
} from "./composition.ts";
export { type GapMeasures, gapMeasures, type GapMeasuresOptions } from "./gap_measures.ts";
export { maskedMean } from "./masked_mean.ts";
export { recipeText } from "./recipe_text.ts";
export { tempered } from "./tempered.ts";
export { describeObjective } from "./recipe.ts";
export type { NamedOptions, ObjectiveRecipe, RecipeValue } from "./recipe_types.ts";
export type { LogitPair, Objective, ObjectiveNeeds, TokenLogits, ValueAndGradient } from "./objective.ts";
export { TokenContext, type TokenRange } from "./token_context.ts";
export { withMixture } from "./with_mixture.ts";
export type {
  AdaptiveKlOptions,
  AlphaBetaObjectiveOptions,
  AlphaNetOptions,
  AmidOptions,
  JensenShannonObjectiveOptions,
  ObjectiveName,
  ObjectiveOptions,
  SkewOptions,
  TaidOptions,
  WsdOptions,
} from "./options.ts";

/**
 * The names of the objectives.
 *
 * @example All of them
 * ```ts
 * import { objectives } from "@amid/amid";
 *
 * console.log(objectives()); // "amid", "forward-kl", …
 * ```
 */
export function objectives(): ObjectiveName[] {
  return Object.keys(presets) as ObjectiveName[];
}

/**
 * The paper an objective is from: its title and year.
 *
 * @throws {RangeError} If there is no objective of that name.
 *
 * @example Where the skewed divergences come from
 * ```ts
 * import { objectiveSource } from "@amid/amid/objectives";
 *
 * console.log(objectiveSource("distillm")); // "DistiLLM: …, 2024"
 * ```
 */
export function objectiveSource(name: ObjectiveName): string {
  return find(name).source;
}

/**
 * The names of the options that an objective takes.
 *
 * @throws {RangeError} If there is no objective of that name.
 *
 * @example Which objectives have a mixture whose order can be chosen
 * ```ts
 * import { objectives } from "@amid/amid";
 * import { objectiveOptionNames } from "@amid/amid/objectives";
 *
 * console.log(objectives().filter((name) => objectiveOptionNames(name).includes("alpha"))); // "amid", …
 * ```
 */
export function objectiveOptionNames(name: ObjectiveName): string[] {
  return Object.keys(find(name).specs);
}

/**
 * Makes an objective. With p the teacher, q the student, r the α-mixture of both:
 *
 * | name | per token | options | from |
 * |---|---|---|---|
 * | `amid` | D of the order's arguments, r among them | `divergence`, `order`, `alpha`, `lambda`, `detachAssistant` | AMiD, 2025 |
 * | `forward-kl` | KL(p‖q) | | Distilling the Knowledge in a Neural Network, 2015 |
 * | `reverse-kl` | KL(q‖p) | | MiniLLM, 2024 |
 * | `jensen-shannon`, `gkd` | β KL(p‖m) + (1−β) KL(q‖m), m = βp + (1−β)q | `beta` | On-Policy Distillation of Language Models, 2024 |
 * | `skewed-forward-kl`, `distillm` | KL(p‖skew·p + (1−skew)·q) | `skew` | DistiLLM, 2024 |
 * | `skewed-reverse-kl` | KL(q‖skew·q + (1−skew)·p) | `skew` | DistiLLM, 2024 |
 * | `total-variation` | ½ Σ abs(p − q) | | f-Divergence Minimization for Sequence-Level Knowledge Distillation, 2023 |
 * | `adaptive-kl` | g·KL(p‖q) + (1−g)·KL(q‖p), g the head's share of Σ abs(p − q) | `mu` | Rethinking Kullback-Leibler Divergence in Knowledge Distillation for Large Language Models, 2024 |
 * | `balanced` | a·KL(p‖q) + b·KL(q‖p), a = 2 where p has the higher entropy, b = 2 where q, else 1 | | BDKD |
 * | `wsd` | (1−weight)·KL(p‖q) + weight·KL(q‖p) | `weight` | compared by ABKD, 2025 |
 * | `alpha-beta`, `abkd` | αβ-divergence of p and q | `alpha`, `beta` | ABKD, 2025 |
 * | `alphanet` | the larger of the αβ-divergences at (α, 1−α) and (β, 1−β) | `alpha`, `beta` | AlphaNet, 2021 |
 * | `taid` | KL(r‖q), r the geometric mixture, constant | `lambda` | TAID, 2025 |
 *
 * The objective is differentiable in the student's logits, by closed form; the teacher never receives a gradient. A
 * logit of −∞ excludes its token; a row with NaN or +∞ gives NaN. Values are the true divergences: those published
 * codes that leave the teacher's entropy out differ by a constant.
 *
 * Its `recipe` is plain data, a name and all options, that makes it again: `objective(recipe.name, recipe.options)`. Where
 * its mixture can be set, `withMixture` gives the same objective with another one: α and λ of `amid`; the λ of `taid`,
 * `jensen-shannon` and `gkd` (β), `skewed-forward-kl` and `distillm` (the skew) and `skewed-reverse-kl` (1 − skew).
 *
 * @param name The objective.
 * @param options What it takes; defaults are with the types. Infinities may be the texts `"inf"` and `"-inf"`, as JSON has
 * them.
 * @throws {TypeError} If an option is unknown or of the wrong kind.
 * @throws {RangeError} If there is no objective of that name or a value is out of range. Its `perToken` throws one if
 * the vocabularies or positions of student and teacher differ.
 *
 * @example A loss per token and its mean over the kept ones
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core";
 * import { maskedMean, objective, useEngine } from "@amid/amid";
 *
 * await useEngine("cpu");
 * const { perToken } = objective("amid", { divergence: "kl", order: "pr", alpha: 0.5, lambda: 0.5 });
 * const student = tf.tensor2d([[1, 0, 0], [0, 2, 0]]);
 * const teacher = tf.tensor2d([[0, 0, 3], [0, 1, 0]]);
 * const mask = tf.tensor1d([1, 0]);
 * const loss = (student: tf.Tensor) => maskedMean(perToken({ student, teacher }), mask);
 * console.log(loss(student).dataSync()[0], tf.grad(loss)(student).dataSync());
 * ```
 */
export function objective<Name extends ObjectiveName>(name: Name, options: ObjectiveOptions[Name] = {}): Objective {
  const { specs, parts, knobs } = find(name);
  const given = typeof options === "object" ? revived(options as RecipeOptions) as typeof options : options;
  const all = readOptions<object>(given, { owner: `the objective ${name}`, specs });
  const made = combined(name, parts(all));
  const withMixture = knobs &&
    ((mixture: Partial<AlphaMixtureOptions>): Objective =>
      objective(name, { ...all, ...mixtureOptions(mixture, { ...made, knobs }) } as ObjectiveOptions[Name]));
  return withRecipe({ ...made, withMixture }, { name, options: plainOptions(all) });
}

/**
 * Makes an objective from its recipe, the plain data that {@linkcode objective} gave it, which may have been JSON in
 * between.
 *
 * @param recipe Its name, its options, and its temperature if it has one.
 * @throws {TypeError} If an option is unknown or of the wrong kind.
 * @throws {RangeError} If there is no objective of that name or a value is out of range.
 *
 * @example Out of a file and back
 * ```ts
 * import assert from "node:assert/strict";
 * import { objective } from "@amid/amid";
 * import { objectiveFromRecipe } from "@amid/amid/objectives";
 *
 * const text = JSON.stringify(objective("amid", { alpha: -Infinity, divergence: "renyi" }).recipe);
 * assert.equal(JSON.stringify(objectiveFromRecipe(JSON.parse(text)).recipe), text);
 * ```
 */
export function objectiveFromRecipe(recipe: ObjectiveRecipe): Objective {
  checkArguments("make an objective", { recipe: [recipe, objectWith("name", "options")] });
  const { name, options, temperature = 1 } = recipe;
  return tempered(objective(name as "amid", options as ObjectiveOptions["amid"]), temperature);
}

type RecipeOptions = ObjectiveRecipe["options"];

function find(name: ObjectiveName): Preset<object> {
  if (typeof name !== "string") {
    throw new TypeError(`Cannot make an objective: its name must be a string, current value is ${String(name)}`);
  }
  if (!Object.hasOwn(presets, name)) {
    throw new RangeError(
      `Cannot make an objective: its name must be one of ${objectives().join(", ")}, current value is ${name}`,
    );
  }
  return presets[name] as Preset<object>;
}
