/**
 * Objectives made of one or more compositions, weighted per token.
 *
 * Shapes: `V` is the vocabulary; `[...]` any leading axes.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { closedForm, scoped } from "../divergences/closed_form.ts";
import { fromLogits } from "../divergences/distribution.ts";
import type { AmidLossSpecification } from "../operations/amid_loss.ts";
import { logitsGradient } from "../operations/logits_gradient.ts";
import { checkLogits } from "./check_logits.ts";
import { type Composition, type DistributionPair, evaluate } from "./composition.ts";
import type { LogitPair, Objective, ValueAndGradient } from "./objective.ts";

/**
 * Weighs the compositions' values against each other, per token; no gradient goes through the weights.
 *
 * @param values One `[...]` a composition.
 * @returns A number or a tensor `[...]` for each.
 */
export type Weighing = (values: tf.Tensor[], pair: DistributionPair) => (number | tf.Tensor)[];

/**
 * Makes an objective `Σ w_t D_t` of compositions.
 *
 * @param parts The compositions and, where there are several, how to weigh them.
 */
export function combined(
  name: string,
  { parts, weigh = () => [1] }: { parts: Composition[]; weigh?: Weighing },
): Objective {
  const valueAndGradient = (logits: LogitPair): ValueAndGradient => {
    checkLogits(logits);
    return scoped(() => {
      const pair = { teacher: fromLogits(logits.teacher), student: fromLogits(logits.student) };
      const evaluations = parts.map((part) => evaluate(part, pair));
      const weights = parts.length === 1 ? [1] : weigh(evaluations.map(({ values }) => values), pair);
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
  return { name, assistant, valueAndGradient, perToken, specification: specificationOf(parts) };
}

/** The parts as data, where they are a single divergence of a kind that engines may know. */
function specificationOf(
  [{ divergence, order, assistant }, ...others]: Composition[],
): AmidLossSpecification | undefined {
  if (others.length > 0) return undefined;
  const { name, parameters } = divergence;
  if (name === "kl") return { divergence: { name }, order, assistant };
  if (name !== "alpha-beta" || !parameters) return undefined;
  return { divergence: { name, alpha: parameters.alpha, beta: parameters.beta }, order, assistant };
}

function differentiable(valueAndGradient: (logits: LogitPair) => ValueAndGradient, logits: LogitPair): tf.Tensor {
  checkLogits(logits);
  return closedForm([logits.student], (student) => {
    const { values, gradient } = valueAndGradient({ student, teacher: logits.teacher });
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
