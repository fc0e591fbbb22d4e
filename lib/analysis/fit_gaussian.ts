/**
 * A Gaussian fitted to any teacher through an assistant: what a divergence and its order make a small student do.
 *
 * @module
 */
import type { AlphaMixtureOptions } from "../assistants/alpha_mixture.ts";
import type { Order } from "../objectives/composition.ts";
import { gaussianMixture } from "./grid.ts";
import { klGradient } from "./kl_gradient.ts";

/** Options for {@linkcode fitGaussian}. */
export interface FitGaussianOptions extends AlphaMixtureOptions {
  /** The points x of the line. */
  points: readonly number[];
  /** `log p` on the points. */
  teacher: readonly number[];
  /** The order of the divergence, the Kullback–Leibler one. */
  order: Order;
  /** Where the student starts. */
  start: GaussianParameters;
  /**
   * Steps of Adam.
   *
   * @default {400}
   */
  steps?: number;
  /**
   * The rate of learning, in μ and log σ.
   *
   * @default {0.05}
   */
  learningRate?: number;
}

/** A Gaussian. */
export interface GaussianParameters {
  /** Its middle μ. */
  mean: number;
  /** Its standard deviation σ. */
  deviation: number;
}

/** A student during the fit. */
export interface FitStep extends GaussianParameters {
  /** Steps taken. */
  step: number;
  /** The divergence that is minimised, in nats. */
  value: number;
}

/** Adam's usual factors. */
const [momentum, scaling, epsilon] = [0.9, 0.999, 1e-8];
/** Narrower than this and wider than that a bell does not fit a line of points. */
const deviations = { least: 0.1, most: 6 };

/**
 * Fits a Gaussian `q ∝ exp(−(x−μ)²/2σ²)` on a line of points by minimising a KL divergence between two of p, q and r with
 * Adam. The student's logits have the closed-form gradient of `klGradient`; μ and log σ have it by the chain rule.
 *
 * @param options Teacher, order, assistant, start and steps.
 * @returns The student before the first step and after each.
 * @throws {RangeError} If an option is invalid.
 *
 * @example Forward KL to a single bell finds that bell
 * ```ts
 * import assert from "node:assert/strict";
 * import { fitGaussian, gaussianMixture, lineOfPoints } from "@amid/amid/analysis";
 *
 * const points = lineOfPoints({ from: -5, to: 5, count: 51 });
 * const teacher = gaussianMixture(points, [{ mean: 1, deviation: 0.8 }]);
 * const start = { mean: 0, deviation: 1 };
 * const path = fitGaussian({ points, teacher, order: "pq", alpha: -1, lambda: 0, start });
 * assert(Math.abs(path[path.length - 1].mean - 1) < 0.01);
 * ```
 */
export function fitGaussian(options: FitGaussianOptions): FitStep[] {
  const { points, teacher, order, start, alpha, lambda, steps = 400, learningRate = 0.05 } = options;
  if (!(Number.isInteger(steps) && steps >= 0 && learningRate > 0)) {
    throw new RangeError(
      `Cannot fit: steps must be a whole number and learningRate positive, current values are ${steps} and ${learningRate}`,
    );
  }
  const parameters = [start.mean, Math.log(start.deviation)];
  const [first, second] = [[0, 0], [0, 0]];
  const path: FitStep[] = [];
  for (let step = 0;; step++) {
    const [mean, deviation] = [parameters[0], Math.exp(parameters[1])];
    const student = gaussianMixture(points, [{ mean, deviation }]);
    const { value, gradient } = klGradient({ teacher, student }, { order, alpha, lambda });
    path.push({ step, mean, deviation, value });
    if (step === steps) return path;
    const slopes = [0, 0];
    gradient.forEach((g, i) => {
      const offset = (points[i] - mean) / deviation;
      slopes[0] += g * offset / deviation;
      slopes[1] += g * offset ** 2;
    });
    slopes.forEach((slope, k) => {
      first[k] = momentum * first[k] + (1 - momentum) * slope;
      second[k] = scaling * second[k] + (1 - scaling) * slope ** 2;
      const [direction, size] = [first[k] / (1 - momentum ** (step + 1)), second[k] / (1 - scaling ** (step + 1))];
      parameters[k] -= learningRate * direction / (Math.sqrt(size) + epsilon);
    });
    parameters[1] = Math.min(Math.log(deviations.most), Math.max(Math.log(deviations.least), parameters[1]));
  }
}
