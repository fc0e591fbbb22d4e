/** Comparisons, logic and choice. */
import * as tf from "@tensorflow/tfjs-core";
import { type Case, floats, ints, of } from "./case.ts";

const comparisons = {
  equal: tf.equal,
  notEqual: tf.notEqual,
  less: tf.less,
  lessEqual: tf.lessEqual,
  greater: tf.greater,
  greaterEqual: tf.greaterEqual,
};

const odd = () => floats([1, NaN, Infinity, -Infinity, 0]);
/** A constant: comparisons have no gradient, so that on the tape a condition must not come from what is learnt. */
const chosen = () => tf.tensor([true, false, false, true], [2, 2], "bool");
const truths = () => tf.tensor([true, true, false, false], [4], "bool");
const others = () => tf.tensor([true, false, true, false], [4], "bool");

/** The cases. */
export const comparison: Case[] = [
  ...Object.entries(comparisons).flatMap(([name, run]): Case[] => [
    { name: `${name}: floats`, inputs: [], run: () => run(floats([1, 2, 3, 2]), floats([2])) },
    { name: `${name}: whole numbers`, inputs: [], run: () => run(ints([1, 2, 3, 4, 5, 6], [2, 3]), ints([3, 2, 3])) },
    { name: `${name}: infinities`, inputs: [], run: () => run(floats([Infinity, -Infinity, 0]), -Infinity) },
  ]),
  { name: "logicalAnd", inputs: [], run: () => tf.logicalAnd(truths(), others()) },
  { name: "logicalOr", inputs: [], run: () => tf.logicalOr(truths(), others()) },
  { name: "logicalNot", inputs: [], run: () => tf.logicalNot(truths()) },
  { name: "isFinite", inputs: [], run: () => tf.isFinite(odd()) },
  { name: "isNaN", inputs: [], run: () => tf.isNaN(odd()) },
  { name: "isInf", inputs: [], run: () => tf.isInf(odd()) },
  { name: "where", inputs: [of(2, 2), of(2, 2)], run: (a, b) => tf.where(chosen(), a, b) },
  { name: "where: a scalar as one choice", inputs: [of(2, 2)], run: (x) => tf.where(chosen(), x, -1) },
  {
    name: "where: by a column",
    inputs: [of(2, 3)],
    run: (x) => tf.where(tf.reshape(chosen().slice(0, 1), [2, 1]), x, 0),
  },
  {
    name: "where: the choice not taken is infinite",
    inputs: [of(3)],
    run: (x) => tf.where(tf.tensor1d([true, false, true], "bool"), x, -Infinity),
  },
];
