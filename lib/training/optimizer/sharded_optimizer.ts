/**
 * An optimizer whose state is sharded over the ranks, each of which updates the parameters whose state it keeps.
 *
 * Source: S. Rajbhandari et al., "ZeRO: memory optimizations toward training trillion parameter models", 2020, the
 * stage P_os.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Communicator } from "../../distributed/communicator.ts";
import { gradientSum } from "./gradient_sum.ts";
import { Optimizer, type OptimizerOptions } from "./optimizer.ts";
import { type Bucket, bucketsOf, flattened, type Segment, segmentsOf, shareSize } from "./parameter_buckets.ts";
import { assignNumbers, inTurn, type SharedOptimizer } from "./shared_optimizer.ts";

/** A part of a parameter that this rank updates. */
interface OwnSegment extends Segment {
  key: string;
  /** `[n, 1]` for a part of a matrix, which decays, and `[n]` for one of a vector, which does not. */
  shape: number[];
}

/** A bucket, and this rank's share of it. */
interface OwnBucket extends Bucket {
  segments: OwnSegment[];
  /** How many numbers each rank has of it. */
  share: number;
}

/**
 * Makes the optimizer of ranks that shard its state: each keeps a part of the state, gets only that part of the
 * summed gradient, updates that part of the weights, and receives the others' parts.
 *
 * @param parameters What is trained.
 * @param options Its options, and the ranks.
 * @throws {RangeError} If an option is negative or not a number.
 */
export function shardedOptimizer(
  parameters: ReadonlyMap<string, tf.Variable>,
  { communicator, ...options }: OptimizerOptions & { communicator: Communicator },
): SharedOptimizer {
  const { size } = communicator;
  const buckets = bucketsOf(parameters).map((bucket): OwnBucket => {
    const segments = segmentsOf(bucket, communicator).map(({ name, from, to }) => {
      const shape = parameters.get(name)!.rank > 1 ? [to - from, 1] : [to - from];
      return { name, from, to, key: `${name}[${from}:${to}]`, shape };
    });
    return { ...bucket, segments, share: shareSize(bucket, size) };
  });
  const own = buckets.flatMap(({ segments }) => segments);
  // The weights that this rank updates exist separately only during the update.
  const working = new Map<string, tf.Variable>();
  const takeOut = () => own.forEach(({ key, ...segment }) => working.set(key, partOf(parameters, segment)));
  const putBack = () => {
    for (const [key, variable] of working) {
      variable.dispose();
      working.delete(key);
    }
  };
  takeOut();
  const optimizer = new Optimizer(working, options);
  putBack();

  const gathered = async (
    bucket: OwnBucket,
    values: ReadonlyMap<string, tf.Tensor>,
  ): Promise<Map<string, tf.Tensor>> => {
    const part = flattened(bucket.segments.map(({ key }) => values.get(key)!), bucket.share);
    const whole = await communicator.tensors.allGather(part);
    const each = bucket.entries.map(({ name, shape, offset, size }) =>
      [name, tf.tidy(() => tf.reshape(tf.slice(whole, offset, size), shape))] as const
    );
    whole.dispose();
    return new Map(each);
  };
  return {
    optimizer,
    countsInNorm: true,
    slots: slotsOf(optimizer, { buckets, gathered }),
    sum: () =>
      gradientSum(buckets, {
        send({ share }, gradients) {
          const flat = flattened(gradients, share * size);
          tf.dispose(gradients);
          return communicator.tensors.reduceScatter(flat);
        },
        open: ({ segments }, part) => split(part, segments),
      }),
    async apply(reduced, step) {
      takeOut();
      try {
        optimizer.apply(reduced, step); // counts the step on a rank that owns nothing too
        const wholes = await inTurn(buckets.map((bucket) => () => gathered(bucket, working)));
        for (const [name, values] of wholes.flatMap((whole) => [...whole])) {
          parameters.get(name)!.assign(values);
          values.dispose();
        }
      } finally {
        putBack();
      }
    },
    dispose: () => optimizer.dispose(),
  };
}

function partOf(parameters: ReadonlyMap<string, tf.Variable>, { name, from, to, shape }: Omit<OwnSegment, "key">) {
  return tf.tidy(() => {
    const flat = tf.reshape(parameters.get(name)!, [-1]);
    return tf.variable(tf.reshape(tf.slice(flat, from, to - from), shape), false);
  });
}

/** Splits a bucket's part into the rank's segments, and frees it. */
function split(part: tf.Tensor1D, segments: readonly OwnSegment[]): [string, tf.Tensor][] {
  let at = 0;
  const each = segments.map(({ key, shape }): [string, tf.Tensor] => {
    const [begin] = [at, at += shape[0]];
    return [key, tf.tidy(() => tf.reshape(tf.slice(part, begin, shape[0]), shape))];
  });
  part.dispose();
  return each;
}

function slotsOf(
  optimizer: Optimizer,
  { buckets, gathered }: {
    buckets: readonly OwnBucket[];
    gathered: (bucket: OwnBucket, values: ReadonlyMap<string, tf.Tensor>) => Promise<Map<string, tf.Tensor>>;
  },
): SharedOptimizer["slots"] {
  const all = [...optimizer.slots].flatMap(([slot, values]) =>
    buckets.flatMap((bucket) =>
      bucket.entries.map((entry) => [`${slot}.${entry.name}`, { slot, values, bucket, entry }] as const)
    )
  );
  const places: ReadonlyMap<string, (typeof all)[number][1]> = new Map(all);
  /** Those of the bucket that was requested last, which were gathered together. */
  let ready = new Map<string, Float32Array<ArrayBuffer>>();
  return {
    shapes: new Map(all.map(([name, { entry }]) => [name, entry.shape])),
    async read(name) {
      const { slot, values, bucket } = places.get(name)!;
      if (!ready.has(name)) {
        const found = await gathered(bucket, values);
        ready = new Map();
        for (const [parameter, tensor] of found) {
          ready.set(`${slot}.${parameter}`, await tensor.data() as Float32Array<ArrayBuffer>);
          tensor.dispose();
        }
      }
      const numbers = ready.get(name)!;
      ready.delete(name);
      return numbers;
    },
    write(name, numbers) {
      const { values, bucket, entry } = places.get(name)!;
      for (const { key, from, to } of bucket.segments.filter((segment) => segment.name === entry.name)) {
        assignNumbers(values.get(key)!, numbers.slice(from, to));
      }
    },
  };
}
