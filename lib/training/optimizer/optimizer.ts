/**
 * An optimizer over a model's parameters, with its state.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { AdamWRuleOptions } from "./adam_w_rule.ts";
import { type OptimizerName, updateRule } from "./rules.ts";
import type { UpdateRule } from "./update_rule.ts";

/** Options of the optimizer. */
export interface OptimizerOptions extends AdamWRuleOptions {
  /**
   * How parameters are updated: by the name of a rule, or by a rule of your own.
   *
   * @default {"adamw"}
   */
  rule?: OptimizerName | UpdateRule;
  /** The peak of the learning rate. */
  learningRate: number;
  /**
   * Decay of matrices; vectors (biases and norms) are not decayed.
   *
   * @default {0.01}
   */
  weightDecay?: number;
  /**
   * The gradient is scaled down to this Euclidean norm where it is longer; 0 leaves it.
   *
   * @default {1}
   */
  clipNorm?: number;
}

/** What decides the updates, as plain values, for a run's identity. */
export function describeOptimizer({ rule = "adamw", ...options }: OptimizerOptions): Record<string, unknown> {
  if (typeof rule !== "string") return { ...options, rule: { name: rule.name, ...rule.settings } };
  return rule === "adamw" ? options : { ...options, rule };
}

/** Updates parameters by a rule, and keeps the rule's state: the slots. */
export class Optimizer {
  /** Steps taken. */
  step = 0;
  /** How parameters are updated. */
  readonly rule: UpdateRule;
  /** The state by slot, then by parameter. */
  readonly slots: ReadonlyMap<string, ReadonlyMap<string, tf.Variable>>;
  readonly #weightDecay: number;
  readonly #clipNorm: number;

  /**
   * Starts with slots of zeros.
   *
   * @param parameters What is to be trained.
   * @param options The options.
   * @throws {RangeError} If an option is negative or not a number, or there is no rule of that name.
   * @throws {TypeError} If the rule does not take an option that is given.
   */
  constructor(readonly parameters: ReadonlyMap<string, tf.Variable>, options: OptimizerOptions) {
    const { rule, learningRate, weightDecay = 0.01, clipNorm = 1, ...ruleOptions } = options;
    for (const [name, value] of Object.entries({ learningRate, weightDecay, clipNorm, ...ruleOptions })) {
      if (value !== undefined && !(value >= 0 && value < Infinity)) {
        throw new RangeError(`Cannot optimize: ${name} must be a non-negative number, current value is ${value}`);
      }
    }
    this.rule = updateRule(rule, ruleOptions);
    this.#weightDecay = weightDecay;
    this.#clipNorm = clipNorm;
    this.slots = new Map(this.rule.slots.map((slot) => [slot, zerosLike(parameters)]));
  }

  /**
   * Changes the parameters.
   *
   * @param gradients The gradient of each parameter, by name.
   * @param step The current learning rate, and the gradient's norm, which decides how far it is clipped.
   * @throws {ReferenceError} If a parameter has no gradient.
   */
  apply(gradients: ReadonlyMap<string, tf.Tensor>, step: { learningRate: number; gradientNorm: number }): void {
    const parameters = [...this.parameters.values()];
    const tensors = {
      parameters,
      gradients: [...this.parameters.keys()].map((name) => {
        const gradient = gradients.get(name);
        if (!gradient) throw new ReferenceError(`Cannot optimize: the parameter "${name}" has no gradient`);
        return gradient;
      }),
      slots: Object.fromEntries([...this.slots].map(([slot, values]) => [slot, [...values.values()]])),
    };
    this.rule.update(tensors, {
      learningRate: step.learningRate,
      weightDecay: parameters.map(({ rank }) => rank > 1 ? this.#weightDecay : 0),
      step: ++this.step,
      gradientScale: this.#clipNorm > 0 ? Math.min(1, this.#clipNorm / (step.gradientNorm + 1e-6)) : 1,
    });
  }

  /** Frees the slots. */
  dispose(): void {
    for (const values of this.slots.values()) for (const variable of values.values()) variable.dispose();
  }
}

function zerosLike(parameters: ReadonlyMap<string, tf.Variable>): Map<string, tf.Variable> {
  return new Map(
    [...parameters].map(([name, parameter]) => {
      // Made by the engine itself; tf.zeros would copy them from JavaScript.
      const zeros = tf.fill(parameter.shape, 0);
      const variable = tf.variable(zeros, false);
      zeros.dispose();
      return [name, variable];
    }),
  );
}
