/**
 * Objectives made of one or more compositions, weighted per token.
 *
 * Shapes: `V` is the vocabulary; `[...]` any leading axes.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { aFunction, aText, checkArguments, checkList, objectWith, optional } from "../arguments/check_arguments.ts";
import type { AlphaMixtureOptions } from "../assistants/alpha_mixture.ts";
import { closedForm, scoped } from "../distributions/closed_form.ts";
import { fromLogits } from "../distributions/distribution.ts";
import type { AmidLossSpecification } from "../operations/amid_loss.ts";
import { logitsGradient } from "../distributions/logits_gradient.ts";
import { checkLogits } from "./check_logits.ts";
import { type Composition, composition, type DistributionPair, evaluate } from "./composition.ts";
import { describeParts } from "./describe_parts.ts";
import type { LogitPair, Objective, ObjectiveNeeds, ValueAndGradient } from "./objective.ts";
import { withRecipe } from "./recipe.ts";

/**
 * Weighs the compositions' values, per token; no gradient goes through the weights.
 *
 * @param values One `[...]` a composition.
 * @param pair The distributions and, in training, the tokens.
 * @returns A number or a tensor `[...]` for each composition; a list of numbers `[c]`, as the tokens have them, will
 * do.
 */
export type Weighing = (
  values: tf.Tensor[],
  pair: DistributionPair,
) => (number | tf.Tensor | Float32Array | Int32Array)[];

/** Options for {@linkcode combined}. */
export interface CombinedOptions {
  /** The compositions. */
  parts: readonly Composition[];
  /**
   * How they are weighed; needed if there are several. Weights that look up the probability of a token by its id take
   * whole distributions: say so by `{ ...combined(…), comparesDistributions: false }`.
   *
   * @default {a weight of 1}
   */
  weigh?: Weighing;
  /**
   * What the weights need in addition to the two models.
   *
   * @default {nothing}
   */
  needs?: ObjectiveNeeds;
}

/**
 * Makes an objective `Σ w_t D_t` of compositions, with its gradient in closed form.
 *
 * Its recipe has the parts as data, and the source text of what is a function; where that hides something that matters,
 * such as a number that `weigh` closes over, set a recipe of your own: `{ ...combined(…), recipe: { name, options } }`.
 *
 * @param name Its name in reports.
 * @param options Its parts, see {@linkcode composition}, and how to weigh them.
 * @throws {RangeError} If there is no part, or there are several and nothing weighs them.
 *
 * @example KL to the assistant, of which a response's first tokens have more
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core";
 * import { combined, composition } from "@amid/amid";
 *
 * const early = combined("early", {
 *   parts: [composition({ divergence: "kl", order: "pr", assistant: { alpha: 0, lambda: 0.1 } })],
 *   weigh: (_, { tokens }) => [tf.div(1, tf.add(1, tokens!.positions))],
 * });
 * console.log(early.name, early.withMixture!({ lambda: 0.5 }).assistant);
 * ```
 */
export function combined(name: string, options: CombinedOptions): Objective {
  checkArguments("make an objective", { name: [name, aText], options: [options, objectWith("parts")] });
  const { parts, weigh, needs } = options;
  checkList(`make the objective ${name}`, { parts }, objectWith("divergence", "order"));
  checkArguments(`make the objective ${name}`, { weigh: [weigh, optional(aFunction)] });
  if (parts.length === 0) {
    throw new RangeError(`Cannot make the objective ${name}: at least one part is needed, current count is 0`);
  }
  if (parts.length > 1 && !weigh) {
    throw new RangeError(
      `Cannot make the objective ${name}: ${parts.length} parts need the option weigh, which is absent`,
    );
  }
  const valueAndGradient = (logits: LogitPair): ValueAndGradient => {
    checkLogits(logits);
    return scoped(() => {
      const pair = pairOf(logits, needs);
      const evaluations = parts.map((part) => evaluate(part, pair));
      const weights = weigh ? weigh(evaluations.map(({ values }) => values), pair).map(asWeight) : [1];
      const values = weightedSum(evaluations.map(({ values }) => values), weights);
      const direction = weightedSum(
        evaluations.map(({ direction }) => direction),
        weights.map((weight) => typeof weight === "number" ? weight : tf.expandDims(weight, -1)),
      );
      if (!direction) return { values: values!, gradient: tf.zerosLike(logits.student) };
      return { values: values!, gradient: logitsGradient(direction, pair.student) };
    });
  };
  const assistant = parts.find((part) => part.assistant)?.assistant;
  const perToken = (logits: LogitPair) => differentiable(valueAndGradient, logits);
  const remixed = (mixture: Partial<AlphaMixtureOptions>) =>
    combined(name, { ...options, parts: mixed(parts, mixture) });
  const made: Objective = {
    name,
    assistant,
    needs,
    comparesDistributions: true,
    linearInTeacher: !weigh && parts[0].order === "pq" && parts[0].divergence.linearInFirst === true,
    valueAndGradient,
    perToken,
    withMixture: assistant && remixed,
    specification: weigh ? undefined : specificationOf(parts[0]),
  };
  return withRecipe(made, { name, options: describeParts(parts, weigh) });
}

function pairOf({ student, teacher, reference, tokens }: LogitPair, needs?: ObjectiveNeeds): DistributionPair {
  return {
    teacher: fromLogits(teacher),
    student: fromLogits(student),
    tokens,
    reference: needs?.reference && reference ? fromLogits(reference) : undefined,
  };
}

const asWeight = (weight: number | tf.Tensor | Float32Array | Int32Array): number | tf.Tensor =>
  typeof weight === "number" || weight instanceof tf.Tensor ? weight : tf.tensor1d(weight, "float32");

/** The parts with another mixture, where they have one. */
const mixed = (parts: readonly Composition[], mixture: Partial<AlphaMixtureOptions>): Composition[] =>
  parts.map((part) => part.assistant ? composition({ ...part, assistant: { ...part.assistant, ...mixture } }) : part);

/** A part as data, where its divergence is of a kind that engines may know. */
function specificationOf({ divergence: { kernel }, order, assistant }: Composition): AmidLossSpecification | undefined {
  return kernel && { divergence: kernel, order, assistant };
}

function differentiable(valueAndGradient: (logits: LogitPair) => ValueAndGradient, logits: LogitPair): tf.Tensor {
  checkLogits(logits);
  return closedForm([logits.student], (student) => {
    const { values, gradient } = valueAndGradient({ ...logits, student });
    const backward = (upstream: tf.Tensor, [gradient]: tf.Tensor[]) => [tf.mul(tf.expandDims(upstream, -1), gradient)];
    return { value: values, saved: [gradient], backward };
  });
}

function weightedSum(terms: (tf.Tensor | undefined)[], weights: (number | tf.Tensor)[]): tf.Tensor | undefined {
  let sum: tf.Tensor | undefined;
  terms.forEach((term, i) => {
    if (!term) return;
    const weighted = weights[i] === 1 ? term : tf.mul(term, weights[i]);
    sum = sum ? tf.add(sum, weighted) : weighted;
  });
  return sum;
}
