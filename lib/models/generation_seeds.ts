/**
 * Where the draws of generation come from.
 *
 * @module
 */
import { hashText } from "../datasets/random.ts";

/**
 * Gives each prompt the seed of a stream of random numbers of its own.
 *
 * @param prompts Rows of token ids.
 * @throws {RangeError} If `seed` is not in 0..2³² − 1, one of `seeds` no safe integer from 0, or there is not one for each prompt.
 */
export function promptSeeds(
  prompts: readonly (readonly number[])[],
  { seed, seeds }: { seed: number; seeds?: readonly number[] },
): readonly number[] {
  if (seeds && seeds.length !== prompts.length) {
    throw new RangeError(
      `Cannot generate: there must be a seed for each of ${prompts.length} prompts, there are ${seeds.length}`,
    );
  }
  const [name, last] = seeds ? ["each of seeds", Number.MAX_SAFE_INTEGER] : ["seed", 2 ** 32 - 1];
  for (const each of seeds ?? [seed]) {
    if (!Number.isSafeInteger(each) || each < 0 || each > last) {
      throw new RangeError(
        `Cannot generate: ${name} must be a whole number from 0 to ${last}, current value is ${each}`,
      );
    }
  }
  if (seeds) return seeds;
  const times = new Map<string, number>();
  return prompts.map((prompt) => {
    const text = prompt.join();
    const before = times.get(text) ?? 0;
    times.set(text, before + 1);
    // 21 bits of the prompt above the 32 of the seed make a safe integer.
    return seed + 2 ** 32 * (hashText(`${before}:${text}`) % 2 ** 21);
  });
}

/** The seed of the row `index` of a set under the set's seed: rows can be answered in any order and number. */
export function promptSeed(seed: number, index: number): number {
  return seed + index * 2 ** 32;
}
