/**
 * An exponential moving average of a model's weights.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";

/** The average: at first the weights themselves, after each step `decay · average + (1 − decay) · weights`. */
export class WeightAverage {
  /** The averaged weights, by parameter. */
  readonly values: ReadonlyMap<string, tf.Variable>;

  /**
   * Starts at the parameters' values.
   *
   * @param parameters What is averaged.
   * @param decay In `[0, 1)`.
   * @throws {RangeError} If the decay is not.
   *
   * Source: B. Polyak and A. Juditsky, "Acceleration of stochastic approximation by averaging", 1992; the exponential
   * form is common practice.
   */
  constructor(readonly parameters: ReadonlyMap<string, tf.Variable>, readonly decay: number) {
    if (!(decay >= 0 && decay < 1)) {
      throw new RangeError(`Cannot average weights: the decay must be in [0, 1), current value is ${decay}`);
    }
    this.values = new Map([...parameters].map(([name, parameter]) => [
      name,
      tf.tidy(() => tf.variable(tf.clone(parameter), false)),
    ]));
  }

  /** Includes the parameters' values after a step in the average. */
  update(): void {
    for (const [name, parameter] of this.parameters) {
      const average = this.values.get(name)!;
      tf.tidy(() => average.assign(tf.add(tf.mul(average, this.decay), tf.mul(parameter, 1 - this.decay))));
    }
  }

  /**
   * Runs a function while the parameters hold the average; afterwards they have their own values again.
   *
   * @param body The function.
   * @returns What it returns.
   */
  async during<Result>(body: () => Promise<Result>): Promise<Result> {
    const own = new Map([...this.parameters].map(([name, parameter]) => [name, tf.clone(parameter)]));
    try {
      for (const [name, parameter] of this.parameters) parameter.assign(this.values.get(name)!);
      return await body();
    } finally {
      for (const [name, parameter] of this.parameters) parameter.assign(own.get(name)!);
      tf.dispose([...own.values()]);
    }
  }

  /** Frees the average. */
  dispose(): void {
    for (const value of this.values.values()) value.dispose();
  }
}
