/**
 * The optimizer of a run whose ranks share its work: which gradients a rank needs, what it updates, and how all come by
 * what the others updated.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Communicator } from "../distributed/communicator.ts";
import { AdamWOptimizer, type OptimizerOptions } from "./adam_w_optimizer.ts";
import { bucketsOf } from "./parameter_buckets.ts";

/** An optimizer on one of some ranks. */
export interface SharedOptimizer {
  /** What this rank updates. */
  readonly optimizer: AdamWOptimizer;
  /**
   * Whether this rank's gradients, as they are reduced, count towards the norm of all: each number counts on one rank.
   */
  readonly countsInNorm: boolean;
  /** The moments, for checkpoints. */
  readonly moments: SharedMoments;
  /** Sums gradients over the ranks, as far as this one needs them. Takes the gradients over; the caller frees the result. */
  reduce(gradients: ReadonlyMap<string, tf.Tensor>): Promise<Map<string, tf.Tensor>>;
  /** Changes the parameters on all ranks. */
  apply(reduced: ReadonlyMap<string, tf.Tensor>, step: { learningRate: number; gradientNorm: number }): Promise<void>;
  /** Frees the moments. */
  dispose(): void;
}

/** The moments of all parameters, wherever they are. */
export interface SharedMoments {
  /** Their shapes by name: `first.<parameter>` and `second.<parameter>`. */
  readonly shapes: ReadonlyMap<string, number[]>;
  /** Gives every rank a moment's numbers. All ranks ask for all of them, in the order of `shapes`. */
  read(name: string): Promise<Float32Array<ArrayBuffer>>;
  /** Takes a moment's numbers, as far as this rank keeps them. */
  write(name: string, numbers: Float32Array<ArrayBuffer>): void;
}

/** Messages that may be on their way at once: their memory is as much as that many buckets. */
export const MOST_UNDER_WAY = 4;

/**
 * Makes the optimizer of ranks that each keep all of its state and update every parameter.
 *
 * @param parameters What is trained.
 * @param options Its options, and the ranks.
 * @throws {RangeError} If an option is negative or not a number.
 */
export function replicatedOptimizer(
  parameters: ReadonlyMap<string, tf.Variable>,
  { communicator, ...options }: OptimizerOptions & { communicator: Communicator },
): SharedOptimizer {
  const optimizer = new AdamWOptimizer(parameters, options);
  const { firstMoments, secondMoments } = optimizer;
  const named = (prefix: string, moments: ReadonlyMap<string, tf.Variable>) =>
    [...moments].map(([name, moment]) => [`${prefix}.${name}`, moment] as const);
  const moments: ReadonlyMap<string, tf.Variable> = new Map([
    ...named("first", firstMoments),
    ...named("second", secondMoments),
  ]);
  return {
    optimizer,
    countsInNorm: communicator.rank === 0,
    moments: {
      shapes: new Map([...moments].map(([name, { shape }]) => [name, shape])),
      read: async (name) => await moments.get(name)!.data() as Float32Array<ArrayBuffer>,
      write: (name, numbers) => assignNumbers(moments.get(name)!, numbers),
    },
    async reduce(gradients) {
      if (communicator.size === 1) return new Map(gradients);
      const buckets = bucketsOf(gradients);
      const summed = await inTurn(
        buckets.map(({ entries }) => () =>
          communicator.tensors.allReduce(entries.map(({ name }) => gradients.get(name)!))
        ),
      );
      const found = new Map(
        buckets.flatMap(({ entries }, index) => entries.map(({ name }, at) => [name, summed[index][at]] as const)),
      );
      return new Map([...gradients.keys()].map((name) => [name, found.get(name)!]));
    },
    async apply(reduced, step) {
      await optimizer.apply(reduced, step);
    },
    dispose: () => optimizer.dispose(),
  };
}

/** Begins messages one after the other, only so many of them unanswered at once, and gives their results. */
export async function inTurn<Result>(messages: readonly (() => Promise<Result>)[]): Promise<Result[]> {
  const begun: Promise<Result>[] = [];
  for (const [index, message] of messages.entries()) {
    if (index >= MOST_UNDER_WAY) await begun[index - MOST_UNDER_WAY];
    begun.push(message());
  }
  return await Promise.all(begun);
}

/** Puts numbers into a variable. */
export function assignNumbers(variable: tf.Variable, numbers: Float32Array<ArrayBuffer>): void {
  tf.tidy(() => variable.assign(tf.tensor(numbers, variable.shape)));
}
