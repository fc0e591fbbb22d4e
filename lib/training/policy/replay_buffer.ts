/**
 * The replay buffer: the student's last responses, to be trained on again.
 *
 * @module
 */
import { type RandomStream, shuffled } from "../../random/random.ts";
import { checkRow, type Row } from "../../batches/row.ts";

/** A row in the buffer. */
export interface ReplayEntry {
  /** Prompt and response. */
  row: Row;
  /** The step at which it was written, from 0. */
  step: number;
}

/** Statistics of a buffer. */
export interface ReplayStatistics {
  /** Rows in it. */
  size: number;
  /** Mean count of steps since they were written. */
  meanAge: number;
  /** Mean count of tokens of their responses. */
  meanLength: number;
}

/** Rows in the order in which they were written; when it is full, the oldest is dropped. */
export class ReplayBuffer {
  #entries: ReplayEntry[] = [];

  /**
   * Makes an empty buffer.
   *
   * @param capacity The most rows it holds.
   * @throws {RangeError} If the capacity is not a whole number from 1.
   */
  constructor(readonly capacity = 1000) {
    if (!Number.isSafeInteger(capacity) || capacity < 1) {
      throw new RangeError(
        `Cannot make a replay buffer: capacity must be a positive whole number, current value is ${capacity}`,
      );
    }
  }

  /** Rows in the buffer. */
  get size(): number {
    return this.#entries.length;
  }

  /** Whether the next row replaces the oldest. */
  get full(): boolean {
    return this.size === this.capacity;
  }

  /**
   * Adds rows.
   *
   * @param rows The rows.
   * @param step The step at which they were written.
   */
  add(rows: readonly Row[], step: number): void {
    const all = [...this.#entries, ...rows.map((row) => ({ row, step }))];
    this.#entries = all.slice(Math.max(0, all.length - this.capacity));
  }

  /**
   * Draws distinct rows, uniformly.
   *
   * @param count How many; fewer are drawn if the buffer has fewer.
   * @param random The source of the draws.
   * @throws {RangeError} If the buffer is empty.
   */
  sample(count: number, random: RandomStream): Row[] {
    if (this.size === 0) {
      throw new RangeError("Cannot draw from the replay buffer: at least one row is needed, it is empty");
    }
    return shuffled(this.#entries, random).slice(0, count).map(({ row }) => row);
  }

  /** Statistics at a step; means of an empty buffer are 0. */
  statistics(step: number): ReplayStatistics {
    const mean = (value: (entry: ReplayEntry) => number) =>
      this.#entries.reduce((sum, entry) => sum + value(entry), 0) / Math.max(1, this.size);
    return {
      size: this.size,
      meanAge: mean((entry) => step - entry.step),
      meanLength: mean(({ row }) => row.ids.length - row.promptLength),
    };
  }

  /** The state for a checkpoint; rows that are added later leave it unchanged. */
  state(): readonly ReplayEntry[] {
    return this.#entries;
  }

  /**
   * Restores the state of a checkpoint.
   *
   * @throws {RangeError} If there are more entries than the buffer holds, or one is not a row.
   */
  restore(entries: readonly ReplayEntry[]): void {
    if (entries.length > this.capacity) {
      throw new RangeError(
        `Cannot restore the replay buffer: it holds ${this.capacity} rows, the checkpoint has ${entries.length}`,
      );
    }
    entries.forEach(({ row }, index) => checkRow(row, index));
    this.#entries = [...entries];
  }
}
