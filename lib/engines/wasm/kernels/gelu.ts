/**
 * The Gaussian error linear unit in its tanh form, and its gradient; see `lib/operations/gelu.ts`.
 *
 * @module
 */
import type { Bytes } from "../assembler/encoding.ts";
import { block, type Local, set } from "../assembler/instructions.ts";
import { constant, minus, over, plus, times, type TimesPlus } from "../assembler/lanes.ts";
import type { Elements, Elementwise } from "./elementwise.ts";
import { exponential } from "./exponential.ts";

const ROOT = Math.sqrt(2 / Math.PI);
const CUBIC = 0.044715;

/** y = x σ(2u), u = √(2/π)(x + 0.044715 x³) of the tensors x and y. */
export const gelu = (timesPlus: TimesPlus): Elementwise => ({
  tensors: 2,
  changed: [1],
  numbers: 0,
  write(of) {
    const [x, gate] = [of.variable(), of.variable()];
    const { prepare, into } = gateOf(of, timesPlus);
    return { prepare, body: block(set(x, of.load(0)), into(gate, x), of.store(1, times(x, gate))) };
  },
});

/** dx = dy σ(2u) (1 + x (1 − σ(2u)) 2u′) of the tensors x, dy and dx. */
export const geluGradient = (timesPlus: TimesPlus): Elementwise => ({
  tensors: 3,
  changed: [2],
  numbers: 0,
  write(of) {
    const [x, gate, cubic, linear, one] = Array.from({ length: 5 }, of.variable);
    const { prepare, into } = gateOf(of, timesPlus);
    const slope = plus(times(times(x, x), cubic), linear);
    const inner = plus(times(times(x, minus(one, gate)), slope), one);
    return {
      prepare: block(
        prepare,
        set(cubic, constant(6 * ROOT * CUBIC)),
        set(linear, constant(2 * ROOT)),
        set(one, constant(1)),
      ),
      body: block(set(x, of.load(0)), into(gate, x), of.store(2, times(of.load(1), times(gate, inner)))),
    };
  },
});

/** Sets a variable to σ(2u) = 1 / (1 + exp(−2u)) of another. */
function gateOf(
  { variable }: Elements,
  timesPlus: TimesPlus,
): { prepare: Bytes; into: (gate: Local, x: Local) => Bytes } {
  const [cubic, linear, one] = [variable(), variable(), variable()];
  const power = exponential(variable, timesPlus);
  return {
    prepare: block(
      power.prepare,
      set(cubic, constant(-2 * ROOT * CUBIC)),
      set(linear, constant(2 * ROOT)),
      set(one, constant(1)),
    ),
    into: (gate, x) =>
      block(
        set(gate, times(x, minus(times(times(x, x), cubic), linear))),
        power.of(gate),
        set(gate, over(one, plus(gate, one))),
      ),
  };
}
