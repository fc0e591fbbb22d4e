/**
 * The optimizer of a run whose ranks share its work: which gradients a rank needs, what it updates, and how all come by
 * what the others updated.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Communicator } from "../distributed/communicator.ts";
import { AdamWOptimizer, type OptimizerOptions } from "./adam_w_optimizer.ts";
import { type GradientSum, gradientSum } from "./gradient_sum.ts";
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
  /** Begins to sum a step's gradients over the ranks, as far as this one needs the sums. */
  sum(): GradientSum;
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
  const buckets = bucketsOf(parameters);
  return {
    optimizer,
    countsInNorm: communicator.rank === 0,
    moments: {
      shapes: new Map([...moments].map(([name, { shape }]) => [name, shape])),
      read: async (name) => await moments.get(name)!.data() as Float32Array<ArrayBuffer>,
      write: (name, numbers) => assignNumbers(moments.get(name)!, numbers),
    },
    sum: () =>
      communicator.size === 1 ? kept() : gradientSum(buckets, {
        send: (_bucket, gradients) => communicator.tensors.allReduce(gradients),
        open: ({ entries }, summed) => entries.map(({ name }, index): [string, tf.Tensor] => [name, summed[index]]),
      }),
    async apply(reduced, step) {
      await optimizer.apply(reduced, step);
    },
    dispose: () => optimizer.dispose(),
  };
}

/** The gradients of a single rank, which are their own sums. */
function kept(): GradientSum {
  const gradients = new Map<string, tf.Tensor>();
  return {
    add: (name, gradient) => void gradients.set(name, gradient),
    finish: (rest) => Promise.resolve(new Map([...gradients, ...rest])),
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
