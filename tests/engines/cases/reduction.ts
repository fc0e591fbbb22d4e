/** Sums, extremes and what is made of them. */
import * as tf from "@tensorflow/tfjs-core";
import { type Case, floats, of } from "./case.ts";

const reductions = { sum: tf.sum, mean: tf.mean, max: tf.max, min: tf.min, logSumExp: tf.logSumExp };
const far = () => floats([100, -100, 0, 99.5, -1e4, 1e4, 1e4, -1e4], [2, 4]);

/** The cases. */
export const reduction: Case[] = [
  ...Object.entries(reductions).flatMap(([name, run]): Case[] => [
    { name: `${name}: all`, inputs: [of(3, 4, 5)], run: (x) => run(x) },
    { name: `${name}: last axis`, inputs: [of(3, 4, 5)], run: (x) => run(x, -1) },
    { name: `${name}: first axis`, inputs: [of(3, 4, 5)], run: (x) => run(x, 0) },
    { name: `${name}: two axes, kept`, inputs: [of(3, 4, 5)], run: (x) => run(x, [0, 2], true) },
    { name: `${name}: last two axes`, inputs: [of(3, 4, 5)], run: (x) => run(x, [2, 1]) },
    { name: `${name}: a long axis`, inputs: [of(2, 1031)], run: (x) => run(x, 1), atol: 1e-4 },
  ]),
  { name: "sum: of whole numbers", inputs: [], run: () => tf.sum(tf.tensor([1, 2, 3, 4], [2, 2], "int32"), 0) },
  { name: "sum: of truths", inputs: [], run: () => tf.sum(tf.tensor([true, false, true], [3], "bool")) },
  { name: "prod", inputs: [of(3, 4)], run: (x) => tf.prod(x, 1), gradient: false },
  {
    name: "max: with infinities",
    inputs: [],
    run: () => tf.max(floats([-Infinity, -Infinity, 1, Infinity], [2, 2]), 1),
  },
  { name: "softmax", inputs: [of(3, 4, 5)], run: (x) => tf.softmax(x) },
  { name: "logSoftmax", inputs: [of(3, 4, 5)], run: (x) => tf.logSoftmax(x) },
  { name: "softmax: of large numbers", inputs: [], run: () => tf.softmax(far()) },
  { name: "logSoftmax: of large numbers", inputs: [], run: () => tf.logSoftmax(far()) },
  { name: "logSumExp: of large numbers", inputs: [], run: () => tf.logSumExp(far(), -1) },
  {
    name: "softmax: where some may not be",
    inputs: [of(2, 3)],
    run: (x) => tf.softmax(tf.add(x, floats([0, -1e9, 0]))),
  },
  { name: "cumsum", inputs: [of(3, 5)], run: (x) => tf.cumsum(x, 1) },
  { name: "cumsum: exclusive", inputs: [of(3, 5)], run: (x) => tf.cumsum(x, 1, true) },
  { name: "cumsum: first axis", inputs: [of(3, 5)], run: (x) => tf.cumsum(x, 0), gradient: false },
  { name: "argMax", inputs: [of(3, 5)], run: (x) => tf.argMax(x, -1), gradient: false },
  { name: "argMin", inputs: [of(3, 5)], run: (x) => tf.argMin(x, 0), gradient: false },
  { name: "all", inputs: [], run: () => tf.all(tf.tensor([true, false, true, true], [2, 2], "bool"), 1) },
  { name: "any", inputs: [], run: () => tf.any(tf.tensor([true, false, false, false], [2, 2], "bool"), 1) },
  {
    name: "topk: sorted",
    inputs: [of(3, 9)],
    run: (x) => {
      const { values, indices } = tf.topk(x, 4, true);
      return [values, indices];
    },
    gradient: false,
  },
];
