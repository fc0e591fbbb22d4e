/**
 * Parameters in buckets: what travels between ranks as one message, and is shared out among them.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";

/** A parameter's place in its bucket. */
export interface BucketEntry {
  name: string;
  shape: number[];
  /** Its first number in the bucket. */
  offset: number;
  size: number;
}

/** Parameters that travel together. */
export interface Bucket {
  entries: readonly BucketEntry[];
  /** Their numbers, without what is put behind them so that all ranks have equally many. */
  size: number;
}

/** A part of a parameter that one rank owns. */
export interface Segment {
  /** The parameter. */
  name: string;
  /** The first of its numbers, and the one behind the last. */
  from: number;
  to: number;
}

/** 25 MiB: long enough for the network's bandwidth, short enough that the first is under way soon. */
const BUCKET_BYTES = 25 * 2 ** 20;

/**
 * Puts parameters into buckets, the last one first, for its gradient is there first.
 *
 * @param parameters The parameters by name.
 * @param bytes About how long a bucket is; a parameter that is longer has one of its own.
 */
export function bucketsOf(parameters: ReadonlyMap<string, tf.Tensor>, bytes = BUCKET_BYTES): Bucket[] {
  const buckets: { entries: BucketEntry[]; size: number }[] = [];
  for (const [name, { shape, size }] of [...parameters].reverse()) {
    let bucket = buckets.at(-1);
    if (!bucket || 4 * (bucket.size + size) > bytes) buckets.push(bucket = { entries: [], size: 0 });
    bucket.entries.push({ name, shape, offset: bucket.size, size });
    bucket.size += size;
  }
  return buckets;
}

/** How many numbers of a bucket each rank owns, the last one's filled up with zeros. */
export const shareSize = ({ size }: Bucket, ranks: number): number => Math.ceil(size / ranks);

/**
 * The parts of a bucket's parameters that a rank owns, in the bucket's order.
 *
 * @param bucket The bucket.
 * @param rank Who asks, and how many share it.
 */
export function segmentsOf(bucket: Bucket, { rank, size: ranks }: { rank: number; size: number }): Segment[] {
  const share = shareSize(bucket, ranks);
  const [start, end] = [rank * share, (rank + 1) * share];
  return bucket.entries.flatMap(({ name, offset, size }) => {
    const [from, to] = [Math.max(start - offset, 0), Math.min(end - offset, size)];
    return from < to ? [{ name, from, to }] : [];
  });
}

/** Puts tensors behind one another, and zeros behind them: `[length]`. The tensors stay. */
export function flattened(tensors: readonly tf.Tensor[], length: number): tf.Tensor1D {
  return tf.tidy(() => {
    const flat = tensors.map((tensor) => tf.reshape(tensor, [-1]));
    const missing = length - tensors.reduce((sum, { size }) => sum + size, 0);
    const all = missing > 0 ? [...flat, tf.zeros([missing])] : flat;
    return (all.length === 1 ? tf.clone(all[0]) : tf.concat(all)) as tf.Tensor1D;
  });
}
