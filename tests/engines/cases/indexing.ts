/** Reading and writing by index. */
import * as tf from "@tensorflow/tfjs-core";
import { type Case, ints, of } from "./case.ts";

const segments = (values: number[]) => ints(values) as tf.Tensor1D;

/** The cases. */
export const indexing: Case[] = [
  { name: "gather: rows, some twice", inputs: [of(5, 3)], run: (x) => tf.gather(x, ints([4, 0, 4, 2])) },
  { name: "gather: indices of two axes", inputs: [of(5, 3)], run: (x) => tf.gather(x, ints([1, 1, 0, 4], [2, 2])) },
  { name: "gather: columns", inputs: [of(3, 5)], run: (x) => tf.gather(x, ints([4, 0, 4]), 1) },
  { name: "gather: from a vector", inputs: [of(9)], run: (x) => tf.gather(x, ints([8, 0, 3])) },
  {
    name: "gather: within each row",
    inputs: [of(2, 5)],
    run: (x) => tf.gather(x, ints([1, 1, 0, 4], [2, 2]), 1, 1),
    gradient: false,
  },
  { name: "gatherND", inputs: [of(3, 4)], run: (x) => tf.gatherND(x, ints([0, 1, 2, 3], [2, 2])), gradient: false },
  {
    name: "unsortedSegmentSum: rows",
    inputs: [of(5, 3)],
    run: (x) => tf.unsortedSegmentSum(x, segments([1, 0, 1, 3, 1]), 4),
  },
  {
    name: "unsortedSegmentSum: a vector",
    inputs: [of(5)],
    run: (x) => tf.unsortedSegmentSum(x, segments([2, 0, 2, 2, 0]), 3),
    gradient: false,
  },
  {
    name: "scatterND: adds where an index comes twice",
    inputs: [of(3, 2)],
    run: (x) => tf.scatterND(ints([1, 3, 1], [3, 1]), x, [4, 2]),
    gradient: false,
  },
];
