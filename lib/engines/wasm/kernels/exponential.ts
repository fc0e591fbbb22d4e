/**
 * The exponential function of four numbers.
 *
 * @module
 */
import type { Bytes } from "../assembler/encoding.ts";
import { block, type Local, set } from "../assembler/instructions.ts";
import {
  atLeast,
  atMost,
  below,
  constant,
  integers,
  minus,
  plus,
  plusIntegers,
  shiftLeft,
  times,
  type TimesPlus,
  without,
} from "../assembler/lanes.ts";

/** Where float32 begins to have no power of e but zero, but for denormal numbers. */
const LEAST = -87.33;

/** Where the power of two would be infinite; the result is at most e to this. */
const MOST = 88.02;

/** ln 2 in two parts, of which the first has few bits, so that its multiples are exact. */
const LN2 = [0.693359375, -2.12194440e-4];

/** 1.5 · 2^23: added to a small number, it leaves the nearest integer in the lowest bits. */
const ROUNDER = 12_582_912;

/** Bits of a float32 behind the exponent, and the exponent of 1. */
const MANTISSA_BITS = 23, BIAS = 127;

/** Of the polynomial for e^r − 1 − r over r², |r| ≤ ln 2 / 2, from the highest power. */
const COEFFICIENTS = [
  1.9875691500e-4,
  1.3981999507e-3,
  8.3334519073e-3,
  4.1665795894e-2,
  1.6666665459e-1,
  5.0000001201e-1,
];

/** Code that computes exponentials. */
export interface Exponential {
  /** Comes once, before the loop: a constant in a loop would be made each time. */
  prepare: Bytes;
  /** Sets a variable to e to the power of what it holds; NaN stays. */
  of(x: Local): Bytes;
}

/**
 * Makes the code. The relative error is below 2e-7; what would be a denormal number is zero.
 *
 * Source: S. L. Moshier, "Cephes Mathematical Library", `expf`, 1992.
 *
 * @param variable Makes a variable of four numbers.
 * @param timesPlus Makes the code of a·b + c.
 */
export function exponential(variable: () => Local, timesPlus: TimesPlus): Exponential {
  const held: { local: Local; code: Bytes }[] = [];
  const hold = (code: Bytes): Local => {
    const local = variable();
    held.push({ local, code });
    return local;
  };
  const numbers = [LEAST, MOST, Math.LOG2E, ROUNDER, -LN2[0], -LN2[1], 1];
  const [least, most, log2e, rounder, high, low, one] = numbers.map((number) => hold(constant(number)));
  const [first, ...others] = COEFFICIENTS.map((number) => hold(constant(number)));
  const bias = hold(integers(BIAS << MANTISSA_BITS));
  const [whole, small, power] = [variable(), variable(), variable()];
  const polynomial = (x: Local) =>
    others.reduce<Bytes | Local>((sum, coefficient) => timesPlus(sum, x, coefficient), first);
  return {
    prepare: block(...held.map(({ local, code }) => set(local, code))),
    of: (x) =>
      block(
        set(small, below(x, least)),
        set(x, atMost(atLeast(x, least), most)),
        set(whole, timesPlus(x, log2e, rounder)),
        set(power, plusIntegers(shiftLeft(whole, MANTISSA_BITS), bias)),
        set(whole, minus(whole, rounder)),
        set(x, timesPlus(whole, low, timesPlus(whole, high, x))),
        set(x, plus(timesPlus(times(x, x), polynomial(x), x), one)),
        set(x, without(times(x, power), small)),
      ),
  };
}
