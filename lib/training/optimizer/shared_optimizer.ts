/**
 * The optimizer of a run whose ranks share its work: which gradients a rank needs, what it updates, and how all receive
 * what the others updated.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Communicator } from "../../distributed/communicator.ts";
import { type GradientSum, gradientSum } from "./gradient_sum.ts";
import { Optimizer, type OptimizerOptions } from "./optimizer.ts";
import { bucketsOf } from "./parameter_buckets.ts";

/** An optimizer on one of several ranks. */
export interface SharedOptimizer {
  /** What this rank updates. */
  readonly optimizer: Optimizer;
  /**
   * Whether this rank's gradients, as they are reduced, count towards the norm of all: each number counts on one rank.
   */
  readonly countsInNorm: boolean;
  /** The optimizer's state, for checkpoints. */
  readonly slots: SharedSlots;
  /** Starts to sum a step's gradients over the ranks, as far as this one needs the sums. */
  sum(): GradientSum;
  /** Changes the parameters on all ranks. */
  apply(reduced: ReadonlyMap<string, tf.Tensor>, step: { learningRate: number; gradientNorm: number }): Promise<void>;
  /** Frees the state. */
  dispose(): void;
}

/** The optimizer's state for all parameters, on whichever rank it is. */
export interface SharedSlots {
  /** Shapes by name, `<slot>.<parameter>`. */
  readonly shapes: ReadonlyMap<string, number[]>;
  /** Sends every rank the numbers of one slot. All ranks call it for all of them, in the order of `shapes`. */
  read(name: string): Promise<Float32Array<ArrayBuffer>>;
  /** Sets the numbers of one slot, as far as this rank keeps them. */
  write(name: string, numbers: Float32Array<ArrayBuffer>): void;
}

/** The most messages in flight at once: they need the memory of as many buckets. */
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
  const optimizer = new Optimizer(parameters, options);
  const slots: ReadonlyMap<string, tf.Variable> = new Map(
    [...optimizer.slots].flatMap(([slot, values]) =>
      [...values].map(([name, variable]) => [`${slot}.${name}`, variable] as const)
    ),
  );
  const buckets = bucketsOf(parameters);
  return {
    optimizer,
    countsInNorm: communicator.rank === 0,
    slots: {
      shapes: new Map([...slots].map(([name, { shape }]) => [name, shape])),
      read: async (name) => await slots.get(name)!.data() as Float32Array<ArrayBuffer>,
      write: (name, numbers) => assignNumbers(slots.get(name)!, numbers),
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

/** The gradients of a single rank, which are already the sums. */
function kept(): GradientSum {
  const gradients = new Map<string, tf.Tensor>();
  return {
    add: (name, gradient) => void gradients.set(name, gradient),
    finish: (rest) => Promise.resolve(new Map([...gradients, ...rest])),
  };
}

/** Starts messages one after the other, with a limit on those unanswered at once, and returns their results. */
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
