/**
 * Gradients on their way to the other ranks: each bucket sets out as soon as its gradients are there.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs-core";
import type { Bucket } from "./parameter_buckets.ts";

/** The gradients of a step, being summed over the ranks. */
export interface GradientSum {
  /** Takes a gradient over, in any order; where its bucket is full, and those before it have set out, the bucket does. */
  add(name: string, gradient: tf.Tensor): void;
  /** Takes the rest over, and gives what this rank needs of the sums, by name; the caller frees it. */
  finish(rest: ReadonlyMap<string, tf.Tensor>): Promise<Map<string, tf.Tensor>>;
}

/** What is done with a bucket. */
export interface BucketMessages<Kind extends Bucket, Result> {
  /** Begins a bucket's message; takes its gradients, in the order of its entries, over. */
  send: (bucket: Kind, gradients: tf.Tensor[]) => Promise<Result>;
  /** What a bucket's message has brought, by name. */
  open: (bucket: Kind, result: Result) => Iterable<[string, tf.Tensor]>;
}

/**
 * Begins a sum. Buckets set out in their order on every rank, whatever the order in which gradients come.
 *
 * @param buckets The buckets of all parameters.
 * @param messages How they are sent, and what of them comes back.
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
