/**
 * Layer normalisation of each row, and its gradients; see `lib/operations/layer_norm.ts`.
 *
 * @module
 */
import { add, block, type Local, multiply, set } from "../assembler/instructions.ts";
import {
  constant,
  loadEverywhere,
  minus,
  over,
  plus,
  root,
  storeFirst,
  times,
  within,
  ZEROS,
} from "../assembler/lanes.ts";
import { FLOAT } from "./pack.ts";
import { everyLane, type OnRows, type Row } from "./rows.ts";

/** One number of each row. */
const ofRow = ({ field, index }: Row, number: number) => add(field(number), multiply(index, FLOAT));

/**
 * Of the tensors x and y, with the fields gain, bias, mean and reciprocal deviation, of which the latter two are written,
 * and the numbers width and ε.
 */
export const layerNorm: OnRows = {
  tensors: 2,
  written: [1],
  write(row) {
    const { each, field, number, variable } = row;
    const [x, sum, mean, scale] = Array.from({ length: 4 }, variable);
    const [width, epsilon] = [number(4), number(5)];
    return block(
      set(sum, ZEROS),
      each(({ load }) => set(sum, plus(sum, load(0)))),
      everyLane(sum),
      set(mean, over(sum, width)),
      set(sum, ZEROS),
      each(({ load, store, beyond }) =>
        block(
          set(x, minus(load(0), mean)),
          beyond(x, (mask) => within(x, mask)),
          store(1, x),
          set(sum, plus(sum, times(x, x))),
        )
      ),
      everyLane(sum),
      set(scale, over(constant(1), root(plus(over(sum, width), epsilon)))),
      each(({ load, store, common }) =>
        store(1, plus(times(times(load(1), scale), common(field(0))), common(field(1))))
      ),
      storeFirst(ofRow(row, 2), mean),
      storeFirst(ofRow(row, 3), scale),
    );
  },
};

/**
 * Of the tensors dy, x and dx, with the fields gain, mean, reciprocal deviation, the sums of dgain and of dbias of a task's
 * rows and their bytes for a task, and the number width. With n the normalised row and g = dy·gain:
 * dx = (g − mean g − n · mean(g·n)) · reciprocal deviation.
 */
export const layerNormGradient: OnRows = {
  tensors: 3,
  written: [2],
  write(row) {
    const { each, field, number, variable, task } = row;
    const [mean, scale, normal, given, sum, product] = Array.from({ length: 6 }, variable);
    const width = number(6);
    const ofTask = (of: number) => add(field(of), multiply(task, field(5)));
    const load = ({ load, common }: Parameters<Parameters<Row["each"]>[0]>[0]) =>
      block(
        set(normal, times(minus(load(1), mean), scale)),
        set(given, times(load(0), common(field(0)))),
      );
    const averaged = (variable: Local) => block(everyLane(variable), set(variable, over(variable, width)));
    return block(
      set(mean, loadEverywhere(ofRow(row, 1))),
      set(scale, loadEverywhere(ofRow(row, 2))),
      set(sum, ZEROS),
      set(product, ZEROS),
      each((of) =>
        block(
          load(of),
          set(sum, plus(sum, given)),
          set(product, plus(product, times(given, normal))),
          of.addTo(ofTask(3), times(of.load(0), normal)),
          of.addTo(ofTask(4), of.load(0)),
        )
      ),
      averaged(sum),
      averaged(product),
      each((of) => block(load(of), of.store(2, times(minus(minus(given, sum), times(normal, product)), scale)))),
    );
  },
};
