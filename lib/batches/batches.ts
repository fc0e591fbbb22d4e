/**
 * Batches of rows of similar length, in an order that depends on a seed and an epoch.
 *
 * @module
 */
import { aList, aRow, checkArguments, checkList, objectWith } from "../arguments/check_arguments.ts";
import { hashText, randomStream, shuffled } from "../random/random.ts";
import type { Row } from "./row.ts";

/** A position in the endless sequence of batches. */
export interface Cursor {
  /** How many times all rows have been seen. */
  epoch: number;
  /** Which batch of that epoch comes next. */
  position: number;
}

/** Rows that are trained on together. */
export interface Batch {
  /** The rows. */
  rows: Row[];
  /** Where to continue after this batch. */
  next: Cursor;
}

/** Options for {@linkcode batchOrder}. */
export interface BatchOrderOptions {
  /** Rows per batch; the last batch of a window may have fewer. */
  batchSize: number;
  /** The seed of the order. */
  seed: number;
  /** The epoch, from 0. */
  epoch: number;
  /**
   * Batches per window. Rows are shuffled, then sorted by length within each window: a larger window means less
   * padding, a smaller one more randomness.
   *
   * @default {50}
   */
  window?: number;
  /**
   * Whether each epoch regroups the rows. Otherwise the batches of epoch 0 recur in another order.
   *
   * @default {true}
   */
  regroup?: boolean;
}

/** Options for {@linkcode batches}. */
export interface BatchesOptions extends Omit<BatchOrderOptions, "epoch"> {
  /**
   * Where to start.
   *
   * @default {{ epoch: 0, position: 0 }}
   */
  cursor?: Cursor;
}

/**
 * Puts rows into batches for one epoch; each row is in one batch. A pure function of its arguments.
 *
 * @param lengths The length of each row, in tokens.
 * @param options Size, seed, epoch, window and whether to regroup.
 * @returns The batches, each as indices into `lengths`.
 * @throws {RangeError} If there are no rows, or an option is not a whole number in its range.
 *
 * @example Rows of similar length share a batch
 * ```ts
 * import assert from "node:assert/strict";
 * import { batchOrder } from "@amid/amid/datasets";
 *
 * const order = batchOrder([9, 2, 8, 3], { batchSize: 2, seed: 0, epoch: 0 });
 * assert(order.map((batch) => batch.toSorted().join()).toSorted().join(" ") === "0,2 1,3");
 * ```
 */
export function batchOrder(lengths: readonly number[], options: BatchOrderOptions): number[][] {
  checkArguments("order rows", {
    lengths: [lengths, aList],
    options: [options, objectWith("batchSize", "seed", "epoch")],
  });
  const { batchSize, seed, epoch, window = 50, regroup = true } = options;
  check("batchSize", batchSize, 1);
  check("window", window, 1);
  check("epoch", epoch, 0);
  if (lengths.length === 0) throw new RangeError("Cannot make batches: at least one row is needed, current count is 0");
  const grouping = randomStream(hashText(`rows of epoch ${regroup ? epoch : 0}`, seed));
  const order = shuffled(lengths.map((_, i) => i), grouping);
  const groups: number[][] = [];
  for (let start = 0; start < order.length; start += batchSize * window) {
    const near = order.slice(start, start + batchSize * window).sort((a, b) => lengths[a] - lengths[b]);
    for (let i = 0; i < near.length; i += batchSize) groups.push(near.slice(i, i + batchSize));
  }
  return shuffled(groups, randomStream(hashText(`batches of epoch ${epoch}`, seed)));
}

/**
 * Iterates over rows in batches, epoch after epoch, without end. A run that stopped resumes from the last `next`.
 *
 * @param rows The rows.
 * @param options Size, seed, start, window and whether to regroup.
 * @returns The batches.
 * @throws {RangeError} If there are no rows, an option is not a whole number in its range, or the cursor is past the
 * end of its epoch.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { batches } from "@amid/amid/datasets";
 *
 * const rows = [3, 5, 4].map((length) => ({ ids: Array(length).fill(7), promptLength: 1 }));
 * const [first] = batches(rows, { batchSize: 2, seed: 1 }).take(1);
 * const [second] = batches(rows, { batchSize: 2, seed: 1, cursor: first.next }).take(1);
 * assert(first.rows.length + second.rows.length === 3 && second.next.epoch === 1);
 * ```
 */
export function* batches(rows: readonly Row[], options: BatchesOptions): Generator<Batch, never> {
  checkList("make batches", { rows }, aRow);
  checkArguments("make batches", { options: [options, objectWith("batchSize", "seed")] });
  const { cursor = { epoch: 0, position: 0 }, ...order } = options;
  const lengths = rows.map(({ ids }) => ids.length);
  let { epoch, position } = cursor;
  check("position", position, 0);
  for (;; epoch += 1, position = 0) {
    const groups = batchOrder(lengths, { ...order, epoch });
    if (position >= groups.length) {
      throw new RangeError(
        `Cannot make batches: position must be below ${groups.length}, the batches of an epoch, ` +
          `current value is ${position}`,
      );
    }
    for (; position < groups.length; position += 1) {
      const last = position + 1 === groups.length;
      const next = last ? { epoch: epoch + 1, position: 0 } : { epoch, position: position + 1 };
      yield { rows: groups[position].map((i) => rows[i]), next };
    }
  }
}

function check(name: string, value: number, least: number): void {
  if (!Number.isSafeInteger(value) || value < least) {
    throw new RangeError(
      `Cannot make batches: ${name} must be a whole number of at least ${least}, current value is ${value}`,
    );
  }
}
