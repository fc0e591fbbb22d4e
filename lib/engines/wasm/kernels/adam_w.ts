/**
 * A step of AdamW on one parameter; see `lib/operations/adam_w.ts`.
 *
 * @module
 */
import { block, set } from "../assembler/instructions.ts";
import { minus, over, plus, root, times } from "../assembler/lanes.ts";
import type { Elementwise } from "./elementwise.ts";

/** The numbers of a step, in this order. */
export const ADAM_W_NUMBERS = [
  "gradientScale",
  "beta1",
  "oneLessBeta1",
  "beta2",
  "oneLessBeta2",
  "rootCorrection",
  "epsilon",
  "kept",
  "stepSize",
] as const;

/** Changes the tensors parameter, gradient, first and second moment; the gradient stays as it is. */
export const adamW: Elementwise = {
  tensors: 4,
  changed: [0, 2, 3],
  numbers: ADAM_W_NUMBERS.length,
  write({ load, store, numbers, variable }) {
    const [scale, beta1, share1, beta2, share2, correction, epsilon, kept, stepSize] = numbers;
    const [gradient, first, second] = [variable(), variable(), variable()];
    const body = block(
      set(gradient, times(load(1), scale)),
      set(first, plus(times(load(2), beta1), times(gradient, share1))),
      set(second, plus(times(load(3), beta2), times(times(gradient, gradient), share2))),
      store(2, first),
      store(3, second),
      set(second, plus(times(root(second), correction), epsilon)),
      store(0, minus(times(load(0), kept), times(over(first, second), stepSize))),
    );
    return { prepare: [], body };
  },
};
