/**
 * AdamW over a model's parameters, with its state.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { adamW } from "../operations/mod.ts";

/** Options for {@linkcode AdamWOptimizer}. */
export interface OptimizerOptions {
  /** The peak of the learning rate. */
  learningRate: number;
  /**
   * Decay of matrices; vectors (biases and norms) have none.
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
  /**
   * Decay of the first moment.
   *
   * @default {0.9}
   */
  beta1?: number;
  /**
   * Decay of the second moment.
   *
   * @default {0.999}
   */
  beta2?: number;
  /**
   * Added to the root of the second moment.
   *
   * @default {1e-8}
   */
  epsilon?: number;
}

/** Moments and count of steps; what a checkpoint keeps. */
export interface OptimizerState {
  /** Steps taken. */
  step: number;
  /** Moving mean of the gradients, by parameter. */
  firstMoments: ReadonlyMap<string, tf.Variable>;
  /** Moving mean of the squared gradients, by parameter. */
  secondMoments: ReadonlyMap<string, tf.Variable>;
}

/** AdamW for one model. */
export class AdamWOptimizer implements OptimizerState {
  /** Steps taken. */
  step = 0;
  /** Moving mean of the gradients, by parameter. */
  readonly firstMoments: Map<string, tf.Variable>;
  /** Moving mean of the squared gradients, by parameter. */
  readonly secondMoments: Map<string, tf.Variable>;

  /**
   * Starts with moments of zero.
   *
   * @param parameters What is to be trained.
   * @param options The options.
   * @throws {RangeError} If an option is negative or not a number.
   */
  constructor(readonly parameters: ReadonlyMap<string, tf.Variable>, readonly options: OptimizerOptions) {
    for (const [name, value] of Object.entries(options)) {
      if (!(value >= 0 && value < Infinity)) {
        throw new RangeError(`Cannot optimize: ${name} must be a number from 0, current value is ${value}`);
      }
    }
    this.firstMoments = zerosLike(parameters);
    this.secondMoments = zerosLike(parameters);
  }

  /**
   * Changes the parameters.
   *
   * @param gradients The gradient of each parameter, by name.
   * @param step The learning rate now, and the gradient's norm, which says how far it is clipped.
   * @throws {ReferenceError} If a parameter has no gradient.
   */
  apply(gradients: ReadonlyMap<string, tf.Tensor>, step: { learningRate: number; gradientNorm: number }): void {
    const { weightDecay = 0.01, clipNorm = 1, beta1, beta2, epsilon } = this.options;
    const names = [...this.parameters.keys()];
    const parameters = [...this.parameters.values()];
    const tensors = {
      parameters,
      gradients: names.map((name) => {
        const gradient = gradients.get(name);
        if (!gradient) throw new ReferenceError(`Cannot optimize: the parameter "${name}" has no gradient`);
        return gradient;
      }),
      firstMoments: [...this.firstMoments.values()],
      secondMoments: [...this.secondMoments.values()],
    };
    adamW(tensors, {
      learningRate: step.learningRate,
      weightDecay: parameters.map(({ rank }) => rank > 1 ? weightDecay : 0),
      step: ++this.step,
      gradientScale: clipNorm > 0 ? Math.min(1, clipNorm / (step.gradientNorm + 1e-6)) : 1,
      beta1,
      beta2,
      epsilon,
    });
  }

  /** Frees the moments. */
  dispose(): void {
    for (const moment of [...this.firstMoments.values(), ...this.secondMoments.values()]) moment.dispose();
  }
}

function zerosLike(parameters: ReadonlyMap<string, tf.Variable>): Map<string, tf.Variable> {
  return new Map(
    [...parameters].map(([name, parameter]) => {
      // Made by the engine itself; tf.zeros would bring them from JavaScript.
      const zeros = tf.fill(parameter.shape, 0);
      const variable = tf.variable(zeros, false);
      zeros.dispose();
      return [name, variable];
    }),
  );
}
