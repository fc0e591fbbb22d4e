/**
 * Where the draws of generation come from.
 *
 * @module
 */
import { hashText, type RandomStream, randomStream } from "../datasets/random.ts";

/** The seed of the stream of the prompt at a place of a set, for sets whose prompts keep their places. */
export function promptSeed(seed: number, index: number): number {
  return seed + index * 2 ** 32;
}

/**
 * Gives each prompt a stream of random numbers of its own.
 *
 * @param prompts Rows of token ids.
 * @throws {RangeError} If the seed is not in 0..2³² − 1, one of the prompts' seeds is no safe integer, or there is not one
 * for each.
 */
export function randomStreams(
  prompts: readonly (readonly number[])[],
  { seed, seeds }: { seed: number; seeds?: readonly number[] },
): RandomStream[] {
  if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32) {
    throw new RangeError(`Cannot generate: seed must be a whole number from 0 to 2^32 − 1, current value is ${seed}`);
  }
  if (seeds && seeds.length !== prompts.length) {
    throw new RangeError(`Cannot generate: ${prompts.length} prompts need as many seeds, got ${seeds.length}`);
  }
  if (seeds) return seeds.map((each) => randomStream(each));
  const times = new Map<string, number>();
  return prompts.map((prompt) => {
    const text = prompt.join();
    const before = times.get(text) ?? 0;
    times.set(text, before + 1);
    // 21 bits of the prompt above the 32 of the seed make a safe integer.
    return randomStream(seed + 2 ** 32 * (hashText(`${before}:${text}`) % 2 ** 21));
  });
}
