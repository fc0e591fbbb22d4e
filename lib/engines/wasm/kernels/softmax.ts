/**
 * The softmax of each row.
 *
 * @module
 */
import { block, set } from "../assembler/instructions.ts";
import {
  atLeast,
  choose,
  constant,
  minus,
  over,
  plus,
  times,
  type TimesPlus,
  within,
  ZEROS,
} from "../assembler/lanes.ts";
import { exponential } from "./exponential.ts";
import { everyLane, type OnRows } from "./rows.ts";

/** y = exp(x − max x) / Σ exp(x − max x) of the tensors x and y. */
export const softmax = (timesPlus: TimesPlus): OnRows => ({
  tensors: 2,
  written: [1],
  write({ each, variable }) {
    const [x, highest, sum] = [variable(), variable(), variable()];
    const power = exponential(variable, timesPlus);
    return block(
      power.prepare,
      set(highest, constant(-Infinity)),
      each(({ load, beyond }) =>
        block(
          set(x, load(0)),
          beyond(x, (mask) => choose(mask, x, constant(-Infinity))),
          // A NaN is passed over here, and makes the sum NaN.
          set(highest, atLeast(highest, x)),
        )
      ),
      everyLane(highest, atLeast),
      set(sum, ZEROS),
      each(({ load, store, beyond }) =>
        block(
          set(x, minus(load(0), highest)),
          power.of(x),
          beyond(x, (mask) => within(x, mask)),
          store(1, x),
          set(sum, plus(sum, x)),
        )
      ),
      everyLane(sum),
      set(sum, over(constant(1), sum)),
      each(({ load, store }) => store(1, times(load(1), sum))),
    );
  },
});
