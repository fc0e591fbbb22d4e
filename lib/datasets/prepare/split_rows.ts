/**
 * Splits rows into those to train on and those held out.
 *
 * @module
 */
import { randomStream, shuffled } from "../../random/random.ts";
import type { SplitName } from "./manifest.ts";

/** Options for {@linkcode splitRows}. */
export interface SplitOptions {
  /**
   * Rows held out for validation.
   *
   * @default {a tenth, at most 1000}
   */
  validRows?: number;
  /**
   * Rows held out for tests.
   *
   * @default {a tenth, at most 500}
   */
  testRows?: number;
  /** Draws the rows that are held out; without it they are the first rows: valid, then test. */
  seed?: number;
}

/**
 * Splits rows; within a split they keep their order.
 *
 * @param rows The rows.
 * @param options How many are held out.
 * @returns The rows of each split.
 * @throws {RangeError} If no rows would be left to train on.
 */
export function splitRows<T>(rows: readonly T[], options: SplitOptions): Record<SplitName, T[]> {
  const tenth = Math.floor(rows.length / 10);
  const { validRows = Math.min(tenth, 1000), testRows = Math.min(tenth, 500), seed } = options;
  if (validRows + testRows >= rows.length) {
    throw new RangeError(
      `Cannot split ${rows.length} rows: some must be left to train on, ` +
        `validRows and testRows are ${validRows} and ${testRows}`,
    );
  }
  const places = rows.map((_, place) => place);
  const order = seed === undefined ? places : shuffled(places, randomStream(seed));
  const take = (from: number, to: number) => order.slice(from, to).sort((a, b) => a - b).map((place) => rows[place]);
  const held = validRows + testRows;
  return { valid: take(0, validRows), test: take(validRows, held), train: take(held, rows.length) };
}
