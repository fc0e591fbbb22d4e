/**
 * Objectives at a temperature.
 *
 * @module
 */
import { anObjective, checkArguments } from "../arguments/check_arguments.ts";
import * as tf from "@tensorflow/tfjs-core";
import { scoped } from "../distributions/closed_form.ts";
import type { LogitPair, Objective } from "./objective.ts";
import { describeObjective, withRecipe } from "./recipe.ts";

/**
 * Compares softened distributions: all models' logits are divided by τ, and the values multiplied by τ², so that the
 * gradient keeps its size.
 *
 * Source: G. Hinton, O. Vinyals and J. Dean, "Distilling the Knowledge in a Neural Network", 2015, section 2.
 *
 * @param objective The objective.
 * @param temperature τ, above 0; at 1 the objective itself is returned.
 * @throws {RangeError} If the temperature is not a number above 0.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core";
 * import { objective, useEngine } from "@amid/amid";
 * import { tempered } from "@amid/amid/objectives";
 *
 * await useEngine("cpu");
 * const soft = tempered(objective("forward-kl"), 2);
 * const [student, teacher] = [tf.tensor1d([1, 0]), tf.tensor1d([0, 3])];
 * console.log(soft.perToken({ student, teacher }).dataSync());
 * ```
 */
export function tempered(objective: Objective, temperature: number): Objective {
  checkArguments("temper", { objective: [objective, anObjective] });
  if (!(temperature > 0 && temperature < Infinity)) {
    throw new RangeError(
      `Cannot temper ${objective.name}: the temperature must be a number above 0, current value is ${temperature}`,
    );
  }
  if (temperature === 1) return objective;
  const soften = ({ student, teacher, reference, tokens, largestOfRest }: LogitPair): LogitPair => ({
    student: tf.div(student, temperature),
    teacher: tf.div(teacher, temperature),
    reference: reference && tf.div(reference, temperature),
    tokens,
    largestOfRest: largestOfRest && tf.div(largestOfRest, temperature),
  });
  const closed = objective.valueAndGradient && ((logits: LogitPair) =>
    scoped(() => {
      const { values, gradient } = objective.valueAndGradient!(soften(logits));
      return { values: tf.mul(values, temperature ** 2), gradient: tf.mul(gradient, temperature) };
    }));
  const { specification } = objective;
  const recipe = describeObjective(objective);
  const softened: Objective = {
    name: objective.name,
    assistant: objective.assistant,
    needs: objective.needs,
    comparesDistributions: objective.comparesDistributions,
    withMixture: objective.withMixture && ((mixture) => tempered(objective.withMixture!(mixture), temperature)),
    specification: specification &&
      { ...specification, temperature: (specification.temperature ?? 1) * temperature },
    perToken: (logits) => tf.mul(objective.perToken(soften(logits)), temperature ** 2),
    valueAndGradient: closed,
  };
  return withRecipe(softened, { ...recipe, temperature: (recipe.temperature ?? 1) * temperature });
}
