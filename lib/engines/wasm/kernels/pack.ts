/**
 * Packing: the rows of a block of a matrix, a few at a time, next to one another, so that the product reads its numbers
 * one after the other however the matrix lies in memory.
 *
 * @module
 */
import type { Bytes } from "../assembler/encoding.ts";
import {
  add,
  block,
  both,
  counting,
  during,
  equal,
  less,
  loadInteger,
  type Local,
  multiply,
  set,
  smaller,
  storeInteger,
  subtract,
  when,
} from "../assembler/instructions.ts";
import { chooseLanes, loadVector, storeVector } from "../assembler/lanes.ts";
import type { Declare, FunctionSource } from "../assembler/module.ts";

/** Bytes of a float32. */
export const FLOAT = 4;

/** Numbers in a vector. */
export const LANES = 4;

/**
 * Packs four rows of k numbers: the four first numbers of the rows, then the four second ones, and so on. Rows that are
 * not there become zeros.
 *
 * It takes where the first row begins; the bytes from a row, and from a number of a row, to the next; how many rows there
 * are, up to four; k; where the packed numbers go, and the bytes from four of them to the next four.
 */
export const packFour: FunctionSource = {
  parameters: 7,
  write([from, rowStep, step, rows, depth, to, toStep], declare) {
    const done = declare("i32");
    const advance = (count: number) =>
      block(
        set(from, add(from, multiply(step, count))),
        set(to, add(to, multiply(toStep, count))),
        set(done, add(done, count)),
      );
    const copied = during(less(done, depth), block(storeVector(to, loadVector(from)), advance(1)));
    const turned = during(
      less(add(done, LANES - 1), depth),
      block(turnFour({ from, rowStep, to, toStep }, declare), advance(LANES)),
    );
    const single = during(less(done, depth), block(singly({ from, rowStep, rows, to }, declare), advance(1)));
    const full = equal(rows, LANES);
    return block(
      set(done, 0),
      when(both(full, equal(rowStep, FLOAT)), copied),
      when(both(full, equal(step, FLOAT)), turned),
      single,
    );
  },
};

/** Transposes four rows of four numbers. */
function turnFour(
  { from, rowStep, to, toStep }: Record<"from" | "rowStep" | "to" | "toStep", Local>,
  declare: Declare,
): Bytes {
  const at = declare("i32");
  const [a, b, c, d, ab, cd] = Array.from({ length: 6 }, () => declare("v128"));
  const next = set(at, add(at, rowStep));
  const put = set(at, add(at, toStep));
  return block(
    set(at, from),
    ...[a, b, c, d].flatMap((row) => [set(row, loadVector(at)), next]),
    set(at, to),
    ...[[0, 4, 1, 5], [2, 6, 3, 7]].flatMap((mixed) => [
      set(ab, chooseLanes(a, b, mixed)),
      set(cd, chooseLanes(c, d, mixed)),
      storeVector(at, chooseLanes(ab, cd, [0, 1, 4, 5])),
      put,
      storeVector(at, chooseLanes(ab, cd, [2, 3, 6, 7])),
      put,
    ]),
  );
}

/** Packs one number of each row. */
function singly(
  { from, rowStep, rows, to }: Record<"from" | "rowStep" | "rows" | "to", Local>,
  declare: Declare,
): Bytes {
  const [row, at, value] = [declare("i32"), declare("i32"), declare("i32")];
  const store = storeInteger(add(to, multiply(row, FLOAT)), value);
  return block(
    set(at, from),
    counting(
      row,
      { to: LANES },
      block(
        set(value, 0),
        when(less(row, rows), set(value, loadInteger(at))),
        store,
        set(at, add(at, rowStep)),
      ),
    ),
  );
}

/** Numbers of each row that are packed before those behind them: as many lines as the cache can hold of one place. */
const AT_A_TIME = 8;

/**
 * Packs all rows of a block in panels of a number of rows, a multiple of four.
 *
 * The function takes where the block begins; the bytes from a row, and from a number of a row, to the next; how many rows
 * there are; how many numbers each has; and where the packed numbers go.
 *
 * @param width Rows of a panel.
 * @param pack The function of {@linkcode packFour}.
 */
export const packPanels = (width: number, pack: (operands: PackOperands) => Bytes): FunctionSource => ({
  parameters: 6,
  write([from, rowStep, step, rows, depth, to], declare) {
    const names = ["row", "left", "first", "part", "some", "at", "place"] as const;
    const [row, left, first, part, some, at, place] = names.map(() => declare("i32"));
    const four = block(
      set(left, subtract(rows, row)),
      when(less(rows, row), set(left, 0)),
      when(less(LANES, left), set(left, LANES)),
      pack({ from: at, rowStep, step, rows: left, depth: part, to: place, toStep: width * FLOAT }),
      set(row, add(row, LANES)),
      set(at, add(at, multiply(rowStep, LANES))),
      set(place, add(place, LANES * FLOAT)),
    );
    const panels = block(
      set(row, 0),
      set(part, smaller(subtract(depth, first), some)),
      set(at, add(from, multiply(first, step))),
      set(place, add(to, multiply(first, width * FLOAT))),
      during(
        less(row, rows),
        block(
          ...Array<Bytes>(width / LANES).fill(four),
          set(place, add(place, multiply(subtract(depth, 1), width * FLOAT))),
        ),
      ),
    );
    return block(
      // Numbers of different rows that are next to one another are read line by line.
      set(some, depth),
      when(equal(rowStep, FLOAT), set(some, smaller(depth, AT_A_TIME))),
      counting(first, { to: depth, by: some }, panels),
    );
  },
});

/** What {@linkcode packFour} takes. */
export interface PackOperands {
  from: Local;
  rowStep: Local;
  step: Local;
  rows: Local;
  depth: Local;
  to: Local;
  toStep: number;
}
