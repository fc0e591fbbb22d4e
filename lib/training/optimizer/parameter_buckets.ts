/**
 * Parameters in buckets, each of which is sent between ranks as one message and divided among them.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";

/** A parameter's position in its bucket. */
export interface BucketEntry {
  name: string;
  shape: number[];
  /** Its first number in the bucket. */
  offset: number;
  size: number;
}

/** Parameters that are sent together. */
export interface Bucket {
  entries: readonly BucketEntry[];
  /** Their count of numbers, without the padding that gives all ranks the same count. */
  size: number;
}

/** A part of a parameter that one rank owns. */
export interface Segment {
  /** The parameter. */
  name: string;
  /** The index of its first number, and one past its last. */
  from: number;
  to: number;
}

/** 25 MiB: large enough for the network's bandwidth, small enough that the first is sent soon. */
const BUCKET_BYTES = 25 * 2 ** 20;

/**
 * Puts parameters into buckets, the last one first, since its gradient is computed first.
 *
 * @param parameters The parameters by name.
 * @param bytes The approximate size of a bucket; a larger parameter has its own.
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
 * @param rank The rank, and how many share it.
 */
export function segmentsOf(bucket: Bucket, { rank, size: ranks }: { rank: number; size: number }): Segment[] {
  const share = shareSize(bucket, ranks);
  const [start, end] = [rank * share, (rank + 1) * share];
  return bucket.entries.flatMap(({ name, offset, size }) => {
    const [from, to] = [Math.max(start - offset, 0), Math.min(end - offset, size)];
    return from < to ? [{ name, from, to }] : [];
  });
}

/** Concatenates tensors and pads them with zeros to `[length]`. The tensors stay. */
export function flattened(tensors: readonly tf.Tensor[], length: number): tf.Tensor1D {
  return tf.tidy(() => {
    const flat = tensors.map((tensor) => tf.reshape(tensor, [-1]));
    const missing = length - tensors.reduce((sum, { size }) => sum + size, 0);
    const all = missing > 0 ? [...flat, tf.zeros([missing])] : flat;
    return (all.length === 1 ? tf.clone(all[0]) : tf.concat(all)) as tf.Tensor1D;
  });
}
