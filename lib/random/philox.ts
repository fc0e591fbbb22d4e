/**
 * Random numbers by counter: each is a function of a key and a place, so that they can be drawn in any order.
 *
 * @module
 */
import { checkSeed } from "./random.ts";

/** What the two products of a round multiply by. */
const MULTIPLIERS = [0xd2511f53, 0xcd9e8d57] as const;
/** What the key grows by between rounds. */
const WEYL = [0x9e3779b9, 0xbb67ae85] as const;
const ROUNDS = 10;

/** Four words of 32 bits. */
export type FourWords = readonly [number, number, number, number];

/**
 * Philox4x32 with ten rounds: a bijection of the counter for each key, whose results look random.
 *
 * @param counter Four integers in `[0, 2^32)`.
 * @param key Two integers in `[0, 2^32)`.
 * @returns Four integers in `[0, 2^32)`.
 *
 * Source: J. K. Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011.
 */
export function philox(counter: FourWords, key: readonly [number, number]): FourWords {
  let [a, b, c, d] = counter;
  let [first, second] = key;
  for (let round = 0; round < ROUNDS; round++) {
    const [highA, lowA] = [upperHalf(a, MULTIPLIERS[0]), Math.imul(a, MULTIPLIERS[0])];
    const [highC, lowC] = [upperHalf(c, MULTIPLIERS[1]), Math.imul(c, MULTIPLIERS[1])];
    [a, b, c, d] = [(highC ^ b ^ first) >>> 0, lowC >>> 0, (highA ^ d ^ second) >>> 0, lowA >>> 0];
    [first, second] = [(first + WEYL[0]) >>> 0, (second + WEYL[1]) >>> 0];
  }
  return [a, b, c, d];
}

/**
 * The random number of a place in a sequence.
 *
 * @param seed Any safe integer; each seed has a sequence of its own.
 * @param place The place, an integer in `[0, 2^32)`.
 * @returns A number in `[0, 1)` with 32 random bits.
 * @throws {RangeError} If the seed is not a safe integer.
 */
export function uniformAt(seed: number, place: number): number {
  checkSeed(seed);
  return philox([place, 0, 0, 0], [seed >>> 0, Math.floor(seed / 2 ** 32) >>> 0])[0] / 2 ** 32;
}

/** The upper 32 of the 64 bits of a product, from halves whose products a double holds. */
function upperHalf(x: number, y: number): number {
  const [highX, lowX, highY, lowY] = [x >>> 16, x & 0xffff, y >>> 16, y & 0xffff];
  const middle = highX * lowY + Math.floor(lowX * lowY / 2 ** 16);
  const other = lowX * highY + middle % 2 ** 16;
  return (highX * highY + Math.floor(middle / 2 ** 16) + Math.floor(other / 2 ** 16)) >>> 0;
}
