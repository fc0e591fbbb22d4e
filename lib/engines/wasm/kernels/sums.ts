/**
 * Sums of rows, of columns, and of rows that belong together; and rows by their numbers.
 *
 * @module
 */
import { add, block, counting, less, loadInteger, multiply, set, smaller, when } from "../assembler/instructions.ts";
import {
  asDoubles,
  asFloats,
  chooseLanes,
  loadVector,
  plus,
  plusDoubles,
  storeFirst,
  storeVector,
  ZEROS,
} from "../assembler/lanes.ts";
import type { FunctionSource } from "../assembler/module.ts";
import { FLOAT, LANES } from "./pack.ts";
import type { OnRows } from "./rows.ts";

/** The sum of each row of a tensor in float64, with the field where the sums go. */
export const rowSums: OnRows = {
  tensors: 1,
  written: [],
  write({ index, each, field, variable }) {
    const [x, low, high] = [variable(), variable(), variable()];
    const turned = (of: typeof x) => chooseLanes(of, of, [2, 3, 0, 1]);
    return block(
      set(low, ZEROS),
      set(high, ZEROS),
      each(({ load }) =>
        block(
          set(x, load(0)),
          set(low, plusDoubles(low, asDoubles(x))),
          set(high, plusDoubles(high, asDoubles(turned(x)))),
        )
      ),
      set(low, plusDoubles(low, high)),
      storeFirst(add(field(0), multiply(index, FLOAT)), asFloats(plusDoubles(low, turned(low)))),
    );
  },
};

/** The sums of a task's rows, column by column, with the fields where they go, and their bytes for a task. */
export const columnSums: OnRows = {
  tensors: 1,
  written: [],
  write: ({ task, each, field }) => each(({ load, addTo }) => addTo(add(field(0), multiply(task, field(1))), load(0))),
};

/**
 * Adds rows to the rows of a sum that belong to them. The job has how many rows there are and how wide they are, a multiple
 * of four; how many columns a task has; where the rows, their places and the sum are; and how many rows the sum has. A place
 * that the sum does not have is passed over.
 */
export const segmentSums: FunctionSource = {
  parameters: 3,
  write([job, task], declare) {
    const [row, first, column, last, segment, to] = Array.from({ length: 6 }, () => declare("i32"));
    const [rows, width, some, values, segments, sums, count] = [0, 1, 2, 3, 4, 5, 6].map((field) =>
      loadInteger(job, field * FLOAT)
    );
    const bytes = multiply(width, FLOAT);
    const from = add(values, multiply(row, bytes));
    return block(
      set(first, multiply(multiply(task, some), FLOAT)),
      set(last, smaller(add(first, multiply(some, FLOAT)), bytes)),
      counting(
        row,
        { to: rows },
        block(
          set(segment, loadInteger(add(segments, multiply(row, FLOAT)))),
          when(
            less(segment, count),
            block(
              set(to, add(sums, multiply(segment, bytes))),
              set(segment, from),
              counting(
                column,
                { from: first, to: last, by: LANES * FLOAT },
                storeVector(add(to, column), plus(loadVector(add(to, column)), loadVector(add(segment, column)))),
              ),
            ),
          ),
        ),
      ),
    );
  },
};

/**
 * Copies rows by their numbers. The job has how many rows there are and how many bytes each has, a multiple of 16; how many
 * rows a task has; and where the rows, the numbers and the copies are.
 */
export const gatherRows: FunctionSource = {
  parameters: 3,
  write([job, task], declare) {
    const [row, last, from, to, offset] = Array.from({ length: 5 }, () => declare("i32"));
    const [rows, bytes, some, values, numbers, copies] = [0, 1, 2, 3, 4, 5].map((field) =>
      loadInteger(job, field * FLOAT)
    );
    return block(
      set(last, smaller(multiply(add(task, 1), some), rows)),
      counting(
        row,
        { from: multiply(task, some), to: last },
        block(
          set(from, add(values, multiply(loadInteger(add(numbers, multiply(row, FLOAT))), bytes))),
          set(to, add(copies, multiply(row, bytes))),
          counting(
            offset,
            { to: bytes, by: LANES * FLOAT },
            storeVector(add(to, offset), loadVector(add(from, offset))),
          ),
        ),
      ),
    );
  },
};
