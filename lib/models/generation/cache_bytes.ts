/**
 * The memory of keys and values.
 *
 * @module
 */
import type { LanguageModel } from "../language_model.ts";

/** How many prompts are continued together. */
export interface PlacesOptions {
  /** The most tokens of an answer. */
  maxNewTokens: number;
  /** @default {32} */
  batchSize?: number;
  /** @default {any number} */
  cacheMiB?: number;
}

/** Slots that a row may have beyond its tokens: room to grow without moving. */
export const ROOM = 64;

/**
 * How many prompts can be continued together so that their keys and values take no more than was asked for, each slot
 * counted in float32.
 *
 * @throws {RangeError} If the longest prompt alone would take more, with its answer.
 */
export function placesWithin(
  { config }: LanguageModel,
  prompts: readonly (readonly number[])[],
  { maxNewTokens, batchSize = 32, cacheMiB = Infinity }: PlacesOptions,
): number {
  if (!(cacheMiB > 0)) {
    throw new RangeError(`Cannot generate: cacheMiB must be above 0, current value is ${cacheMiB}`);
  }
  const { layers, headSize, heads, keyValueHeads = heads } = config;
  const longest = prompts.reduce((most, { length }) => Math.max(most, length), 0);
  const bytes = (longest + maxNewTokens + ROOM) * layers * keyValueHeads * headSize * 2 * 4;
  const places = Math.min(batchSize, Math.floor(cacheMiB * 2 ** 20 / bytes));
  if (places >= 1) return places;
  throw new RangeError(
    `Cannot generate: cacheMiB must hold one row, which takes up to ${(bytes / 2 ** 20).toFixed(1)} MiB, ` +
      `current value is ${cacheMiB}`,
  );
}
