/**
 * Gradients summed over ranks: each bucket is sent as soon as its gradients are complete.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs-core";
import type { Bucket } from "./parameter_buckets.ts";

/** The gradients of a step, being summed over the ranks. */
export interface GradientSum {
  /**
   * Takes ownership of a gradient, in any order; once its bucket is full, and those before it have been sent, the
   * bucket is sent.
   */
  add(name: string, gradient: tf.Tensor): void;
  /** Takes ownership of the rest, and returns the sums that this rank needs, by name; the caller frees them. */
  finish(rest: ReadonlyMap<string, tf.Tensor>): Promise<Map<string, tf.Tensor>>;
}

/** How a bucket is sent. */
export interface BucketMessages<Kind extends Bucket, Result> {
  /** Starts a bucket's message; takes ownership of its gradients, in the order of its entries. */
  send: (bucket: Kind, gradients: tf.Tensor[]) => Promise<Result>;
  /** The result of a bucket's message, by name. */
  open: (bucket: Kind, result: Result) => Iterable<[string, tf.Tensor]>;
}

/**
 * Starts a sum. Buckets are sent in the same order on every rank, independent of the order in which gradients arrive.
 *
 * @param buckets The buckets of all parameters.
 * @param messages How they are sent, and their results.
 */
export function gradientSum<Kind extends Bucket, Result>(
  buckets: readonly Kind[],
  messages: BucketMessages<Kind, Result>,
): GradientSum {
  const waiting = new Map<string, tf.Tensor>();
  const begun: Promise<Result>[] = [];
  const setOut = () => {
    for (let next = buckets[begun.length]; next; next = buckets[begun.length]) {
      const gradients = next.entries.flatMap(({ name }) => waiting.get(name) ?? []);
      if (gradients.length < next.entries.length) return;
      for (const { name } of next.entries) waiting.delete(name);
      begun.push(messages.send(next, gradients));
    }
  };
  const add = (name: string, gradient: tf.Tensor) => {
    waiting.set(name, gradient);
    setOut();
  };
  return {
    add,
    async finish(rest) {
      for (const [name, gradient] of rest) add(name, gradient);
      const results = await Promise.all(begun);
      return new Map(results.flatMap((result, index) => [...messages.open(buckets[index], result)]));
    },
  };
}
