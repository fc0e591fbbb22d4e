/**
 * The seeds of generation.
 *
 * @module
 */
import { checkSeed, hashText } from "../../random/random.ts";

/**
 * Returns the seed of each prompt's random stream.
 *
 * @param prompts Rows of token ids.
 * @throws {RangeError} If a seed is not a safe integer, or there is not one of `seeds` for each prompt.
 */
export function promptSeeds(
  prompts: readonly (readonly number[])[],
  { seed, seeds }: { seed: number; seeds?: readonly number[] },
): readonly number[] {
  if (seeds && seeds.length !== prompts.length) {
    throw new RangeError(
      `Cannot generate: one seed for each of ${prompts.length} prompts is needed, current count is ${seeds.length}`,
    );
  }
  for (const each of seeds ?? [seed]) checkSeed(each, `Cannot generate: ${seeds ? "each of seeds" : "the seed"}`);
  if (seeds) return seeds;
  const base = word(seed);
  const times = new Map<string, number>();
  return prompts.map((prompt) => {
    const text = prompt.join();
    const before = times.get(text) ?? 0;
    times.set(text, before + 1);
    // 21 bits of the prompt above the 32 of the seed make a safe integer.
    return base + 2 ** 32 * (hashText(`${before}:${text}`) % 2 ** 21);
  });
}

/** The seed of the row `index` of a set under the set's seed: rows can be answered in any order and in any batches. */
export function promptSeed(seed: number, index: number): number {
  return word(seed) + index * 2 ** 32;
}

/** A seed in 32 bits: itself where it fits, else its hash. */
const word = (seed: number): number => seed >= 0 && seed < 2 ** 32 ? seed : hashText("seed", seed);
