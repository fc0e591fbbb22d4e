/**
 * Computations on each number of tensors of one size, four at a time.
 *
 * @module
 */
import type { Bytes } from "../assembler/encoding.ts";
import {
  add,
  block,
  copyBytes,
  during,
  less,
  loadInteger,
  type Local,
  multiply,
  set,
  smaller,
  subtract,
  when,
} from "../assembler/instructions.ts";
import { loadEverywhere, loadVector, storeVector } from "../assembler/lanes.ts";
import type { Declare, FunctionSource } from "../assembler/module.ts";
import { FLOAT, LANES } from "./pack.ts";

/** What is computed. */
export interface Elementwise {
  /** How many tensors there are. */
  tensors: number;
  /** Those that are changed, by their places among them. */
  changed: readonly number[];
  /** How many numbers there are that are the same for all elements. */
  numbers: number;
  /** Writes the code for four elements, and what comes before all of them. */
  write(of: Elements): { prepare: Bytes; body: Bytes };
}

/** Four elements. */
export interface Elements {
  /** Those of a tensor. */
  load(tensor: number): Bytes;
  /** Stores those of a tensor. */
  store(tensor: number, values: Bytes | Local): Bytes;
  /** The numbers, each four times. */
  numbers: readonly Local[];
  /** Makes a variable of four numbers. */
  variable(): Local;
}

/** What a job has before its tensors: how many elements there are, and how many of them a task has, a multiple of four. */
export const SIZES = 2;

/** The function that computes a task. Its job has the sizes, where the tensors are, and the numbers as float32. */
export const elementwise = ({ tensors, changed, numbers, write }: Elementwise): FunctionSource => ({
  parameters: 3,
  write([job, task, scratch], declare) {
    const [count, first] = [declare("i32"), declare("i32")];
    const places = Array.from({ length: tensors }, () => declare("i32"));
    const values = Array.from({ length: numbers }, () => declare("v128"));
    const slot = (tensor: number) => add(scratch, tensor * LANES * FLOAT);
    const { prepare, body } = write({
      load: (tensor) => loadVector(places[tensor]),
      store: (tensor, values) => storeVector(places[tensor], values),
      numbers: values,
      variable: () => declare("v128"),
    });
    const bytes = multiply(count, FLOAT);
    return block(
      set(first, multiply(task, loadInteger(job, FLOAT))),
      set(count, smaller(subtract(loadInteger(job), first), loadInteger(job, FLOAT))),
      ...places.map((place, tensor) =>
        set(place, add(loadInteger(job, FLOAT * (SIZES + tensor)), multiply(first, FLOAT)))
      ),
      ...values.map((value, index) => set(value, loadEverywhere(job, FLOAT * (SIZES + tensors + index)))),
      prepare,
      during(
        less(LANES - 1, count),
        block(
          body,
          ...places.map((place) => set(place, add(place, LANES * FLOAT))),
          set(count, subtract(count, LANES)),
        ),
      ),
      // The last few are computed beside, so that nothing behind them is touched.
      when(
        count,
        block(
          ...places.map((place, tensor) => copyBytes(slot(tensor), place, bytes)),
          ...atSlots(
            places,
            slot,
            declare,
            body,
            (at, tensor) => changed.includes(tensor) ? copyBytes(at, slot(tensor), bytes) : [],
          ),
        ),
      ),
    );
  },
});

/** Runs code with the tensors' places replaced, and then more code with those that were there. */
function atSlots(
  places: readonly Local[],
  slot: (tensor: number) => Bytes,
  declare: Declare,
  body: Bytes,
  after: (at: Local, tensor: number) => Bytes,
): Bytes[] {
  const kept = places.map(() => declare("i32"));
  return [
    ...places.map((place, tensor) => block(set(kept[tensor], place), set(place, slot(tensor)))),
    body,
    ...kept.map(after),
  ];
}
