/**
 * How much of the communication the backward pass does not hide.
 *
 * @module
 */

/** Options for {@linkcode exposedSeconds}. */
export interface ExposedOptions {
  /** Seconds of the backward pass. */
  backward: number;
  /** Bytes of gradients that become ready evenly over the backward pass. */
  early: number;
  /** Bytes that are ready only at its end. */
  late: number;
  /** Bytes that are sent together. */
  bucket: number;
  /** The seconds that a bucket of the given size in bytes takes. */
  seconds: (bytes: number) => number;
}

/**
 * Follows buckets of gradients through the backward pass: each is sent when it is full and the one before has arrived;
 * what has not arrived when the backward pass ends is waited for.
 *
 * @param options The pass, the bytes and what sending takes.
 * @returns Seconds that are waited after the backward pass.
 * @throws {RangeError} If there is no bucket.
 *
 * Source: S. Li et al., "PyTorch Distributed: experiences on accelerating data parallel training", 2020, section 3.2.3.
 */
export function exposedSeconds({ backward, early, late, bucket, seconds }: ExposedOptions): number {
  if (!(bucket > 0)) {
    throw new RangeError(`Cannot simulate buckets: a bucket must be above 0 bytes, current value is ${bucket}`);
  }
  let free = 0;
  for (let sent = 0; sent < early;) {
    const size = Math.min(bucket, early - sent);
    sent += size;
    free = Math.max(free, backward * sent / early) + seconds(size);
  }
  free = Math.max(free, backward);
  for (let left = late; left > 0; left -= bucket) free += seconds(Math.min(bucket, left));
  return free - backward;
}
