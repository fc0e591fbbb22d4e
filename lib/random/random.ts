/**
 * A small seeded source of random numbers that gives the same stream on every machine.
 *
 * @module
 */

/** A stream of random numbers; every call advances it. */
export interface RandomStream {
  /** The next 32 bits, an integer in `[0, 2^32)`. */
  bits(): number;
  /** The next integer in `[0, limit)`, without bias. `limit` is an integer from 1 to 2^32. */
  below(limit: number): number;
  /** The next number in `[0, 1)`, with 32 random bits. */
  uniform(): number;
}

/**
 * Hashes text to 32 bits: FNV-1a over UTF-16 code units, then a mixing of the bits so that similar texts get unrelated
 * hashes.
 *
 * @param text Any text.
 * @param seed The start value of the hash, any safe integer; different seeds give unrelated hashes.
 * @returns An integer in `[0, 2^32)`.
 * @throws {RangeError} If the seed is not a safe integer.
 *
 * @example The same text, the same hash
 * ```ts
 * import assert from "node:assert/strict";
 * import { hashText } from "@amid/amid/datasets";
 *
 * assert(hashText("heron") === hashText("heron"));
 * assert(hashText("heron") !== hashText("herons"));
 * ```
 */
export function hashText(text: string, seed = 0): number {
  checkSeed(seed);
  let hash = 0x811c9dc5 ^ seed ^ Math.imul(Math.floor(seed / 2 ** 32), 0x9e3779b9);
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return mix(hash);
}

/**
 * Checks a seed; everything that draws accepts the same seeds.
 *
 * @param seed The seed.
 * @param what How the message begins.
 * @throws {RangeError} If it is not a safe integer, that is, a whole number from −(2^53 − 1) to 2^53 − 1.
 */
export function checkSeed(seed: number, what = "Cannot draw at random: the seed"): void {
  if (Number.isSafeInteger(seed)) return;
  const shown = typeof seed === "string" ? JSON.stringify(seed) : String(seed);
  throw new RangeError(`${what} must be a whole number of magnitude at most 2^53 − 1, current value is ${shown}`);
}

/** MurmurHash3's finaliser: a bijection of 32 bits in which each input bit flips about half of the output bits. */
function mix(value: number): number {
  let x = value | 0;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}

/**
 * Starts a stream: xoshiro128** with its state filled from the seed.
 *
 * Source: D. Blackman and S. Vigna, "Scrambled linear pseudorandom number generators", 2021.
 *
 * @param seed Any safe integer; 32-bit arithmetic only, so that every machine gives the same stream.
 * @returns The stream, at its start.
 * @throws {RangeError} If the seed is not a safe integer.
 *
 * @example Two streams of one seed agree
 * ```ts
 * import assert from "node:assert/strict";
 * import { randomStream } from "@amid/amid/datasets";
 *
 * const [a, b] = [randomStream(7), randomStream(7)];
 * assert(a.bits() === b.bits() && a.below(6) === b.below(6));
 * ```
 */
export function randomStream(seed: number): RandomStream {
  checkSeed(seed);
  const [low, high] = [seed >>> 0, Math.floor(seed / 2 ** 32) >>> 0];
  const state = new Uint32Array(4);
  // Odd multiples of the golden ratio before mixing keep the state from being all zeros for any seed.
  for (let i = 0; i < 4; i++) state[i] = mix(low + Math.imul(i + 1, 0x9e3779b9)) ^ mix(high + i);
  if (state.every((word) => word === 0)) state[0] = 1;

  const rotate = (x: number, by: number): number => (x << by) | (x >>> (32 - by));
  const bits = (): number => {
    const result = Math.imul(rotate(Math.imul(state[1], 5), 7), 9) >>> 0;
    const shifted = state[1] << 9;
    state[2] ^= state[0];
    state[3] ^= state[1];
    state[1] ^= state[2];
    state[0] ^= state[3];
    state[2] ^= shifted;
    state[3] = rotate(state[3], 11);
    return result;
  };
  const below = (limit: number): number => {
    if (!Number.isInteger(limit) || limit < 1 || limit > 2 ** 32) {
      throw new RangeError(
        `Cannot draw below a limit: it must be an integer from 1 to 2^32, current value is ${limit}`,
      );
    }
    const whole = 2 ** 32 - (2 ** 32 % limit);
    let drawn = bits();
    while (drawn >= whole) drawn = bits();
    return drawn % limit;
  };
  return { bits, below, uniform: () => bits() / 2 ** 32 };
}

/**
 * Shuffles into a new array, every order equally likely (Fisher–Yates).
 *
 * @param items What to shuffle; left as it is.
 * @param random Where the randomness comes from.
 * @returns The items in a new order.
 *
 * @example Nothing is lost
 * ```ts
 * import assert from "node:assert/strict";
 * import { shuffled } from "./random.ts";
 * import { randomStream } from "@amid/amid/datasets";
 *
 * const order = shuffled([1, 2, 3], randomStream(0));
 * assert(order.toSorted().join() === "1,2,3");
 * ```
 */
export function shuffled<T>(items: readonly T[], random: RandomStream): T[] {
  const result = items.slice();
  for (let last = result.length - 1; last > 0; last--) {
    const other = random.below(last + 1);
    [result[last], result[other]] = [result[other], result[last]];
  }
  return result;
}
