/**
 * Losses and gradients that are summed over micro-batches.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";

/** Losses and gradients, or a micro-batch's share of them. */
export interface StepParts {
  lmLoss: tf.Scalar;
  distillLoss: tf.Scalar;
  gradients: Map<string, tf.Tensor>;
  /** Measures of the gap, if they are taken, `[M]`. */
  measures?: tf.Tensor1D;
}

/**
 * The share of a rank without rows: losses and gradients of 0.
 *
 * @param parameters What is trained.
 * @param measured How many measures there are.
 */
export function emptyParts(parameters: ReadonlyMap<string, tf.Tensor>, measured: number): StepParts {
  return {
    lmLoss: tf.scalar(0),
    distillLoss: tf.scalar(0),
    gradients: new Map([...parameters].map(([name, { shape }]) => [name, tf.zeros(shape)])),
    measures: measured > 0 ? tf.zeros([measured]) : undefined,
  };
}

/** Adds to a gradient, which may be absent, and frees both summands. */
export function addTo(gradients: Map<string, tf.Tensor | undefined>, name: string, part: tf.Tensor): void {
  const before = gradients.get(name);
  gradients.set(name, before ? sumOf(before, part) : part);
}

/** Adds two tensors, and frees both. */
function sumOf<T extends tf.Tensor>(a: T, b: T): T {
  const sum = tf.add(a, b) as T;
  tf.dispose([a, b]);
  return sum;
}

/** Adds two micro-batches' shares, and frees both. */
export function joinParts(a: StepParts, b: StepParts): StepParts {
  for (const [name, gradient] of b.gradients) addTo(a.gradients, name, gradient);
  return {
    lmLoss: sumOf(a.lmLoss, b.lmLoss),
    distillLoss: sumOf(a.distillLoss, b.distillLoss),
    gradients: a.gradients,
    measures: a.measures && sumOf(a.measures, b.measures!),
  };
}

/** Frees losses and gradients that are not needed. */
export function disposeParts({ lmLoss, distillLoss, gradients, measures }: StepParts): void {
  tf.dispose([lmLoss, distillLoss, ...gradients.values(), ...measures ? [measures] : []]);
}
