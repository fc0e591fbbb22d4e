/**
 * What computations on the rows of a matrix have in common: passes over a row, four numbers at a time, of which the last
 * few lie in a vector beside.
 *
 * @module
 */
import type { Bytes } from "../assembler/encoding.ts";
import {
  add,
  block,
  clearBytes,
  copyBytes,
  counting,
  loadInteger,
  type Local,
  multiply,
  type Operand,
  remainder,
  set,
  setBytes,
  smaller,
  subtract,
  when,
} from "../assembler/instructions.ts";
import { chooseLanes, loadEverywhere, loadVector, plus, storeVector } from "../assembler/lanes.ts";
import type { FunctionSource } from "../assembler/module.ts";
import { FLOAT, LANES } from "./pack.ts";

/** What a job on rows begins with: how many rows there are, how many of them a task has, and how wide they are. */
export const ROW_SIZES = 3;

/** A computation on rows. */
export interface OnRows {
  /** How many tensors with such rows there are; each is read or written. */
  tensors: number;
  /** Those that are written, by their places among them. */
  written: readonly number[];
  /** Writes the code for a row. */
  write(row: Row): Bytes;
}

/** A row. */
export interface Row {
  /** Its number. */
  index: Local;
  /** The task's number. */
  task: Local;
  /** One of the job's fields behind the tensors' places. */
  field(number: number): Bytes;
  /** Such a field that is a float32, four times. */
  number(number: number): Bytes;
  /** Runs code for each four numbers. */
  each(visit: (of: Four) => Bytes): Bytes;
  /** Makes a variable of four numbers. */
  variable(): Local;
}

/** Four numbers of a row. */
export interface Four {
  /** Those of a tensor; beyond the row's end, zeros, or what was stored there. */
  load(tensor: number): Bytes;
  /** Those of a tensor that all rows share, by where it is; beyond the end there is anything. */
  common(place: Operand): Bytes;
  /** Stores those of a tensor. */
  store(tensor: number, values: Bytes | Local): Bytes;
  /** Adds to numbers that rows share, by where they are; beyond the row's end too, to the next multiple of four. */
  addTo(place: Operand, values: Bytes | Local): Bytes;
  /** Sets those beyond the row's end to other values. */
  beyond(values: Local, others: (mask: Bytes) => Bytes): Bytes;
}

/** The function that computes a task: some rows, of the sizes and tensors that its job begins with. */
export const onRows = ({ tensors, written, write }: OnRows): FunctionSource => ({
  parameters: 3,
  write([job, task, scratch], declare) {
    const [index, last, width, offset, whole, part] = Array.from({ length: 6 }, () => declare("i32"));
    const rows = Array.from({ length: tensors }, () => declare("i32"));
    const slot = (tensor: number) => add(scratch, tensor * LANES * FLOAT);
    const mask = loadVector(slot(tensors));
    const grown = (at: Bytes, values: Bytes | Local) => storeVector(at, plus(loadVector(at), values));
    const each: Row["each"] = (visit) =>
      block(
        counting(
          offset,
          { to: whole, by: LANES * FLOAT },
          visit({
            load: (tensor) => loadVector(add(rows[tensor], offset)),
            common: (place) => loadVector(add(place, offset)),
            store: (tensor, values) => storeVector(add(rows[tensor], offset), values),
            addTo: (place, values) => grown(add(place, offset), values),
            beyond: () => [],
          }),
        ),
        when(
          part,
          visit({
            load: (tensor) => loadVector(slot(tensor)),
            common: (place) =>
              block(
                copyBytes(slot(tensors + 1), add(place, whole), part),
                loadVector(slot(tensors + 1)),
              ),
            store: (tensor, values) => storeVector(slot(tensor), values),
            addTo: (place, values) => grown(add(place, whole), values),
            beyond: (values, others) => set(values, others(mask)),
          }),
        ),
      );
    const row = write({
      index,
      task,
      field: (number) => loadInteger(job, FLOAT * (ROW_SIZES + tensors + number)),
      number: (number) => loadEverywhere(job, FLOAT * (ROW_SIZES + tensors + number)),
      each,
      variable: () => declare("v128"),
    });
    const slots = rows.map((_, tensor) => tensor);
    const aside = slots.map((tensor) => copyBytes(slot(tensor), add(rows[tensor], whole), part));
    const back = written.map((tensor) => copyBytes(add(rows[tensor], whole), slot(tensor), part));
    const from = loadInteger(job, FLOAT);
    return block(
      set(width, multiply(loadInteger(job, 2 * FLOAT), FLOAT)),
      set(part, remainder(width, LANES * FLOAT)),
      set(whole, subtract(width, part)),
      clearBytes(scratch, (tensors + 2) * LANES * FLOAT),
      setBytes(slot(tensors), 255, part),
      set(last, smaller(multiply(add(task, 1), from), loadInteger(job))),
      counting(
        index,
        { from: multiply(task, from), to: last },
        block(
          ...rows.map((at, tensor) =>
            set(at, add(loadInteger(job, FLOAT * (ROW_SIZES + tensor)), multiply(index, width)))
          ),
          when(part, block(...aside)),
          row,
          when(part, block(...back)),
        ),
      ),
    );
  },
});

/** Adds the four lanes of a variable, and leaves the sum in each of them. */
export const everyLane = (
  variable: Local,
  combine: (a: Operand, b: Operand) => Bytes = plus,
): Bytes =>
  block(
    ...[[2, 3, 0, 1], [1, 0, 3, 2]].map((lanes) =>
      set(variable, combine(variable, chooseLanes(variable, variable, lanes)))
    ),
  );
