/** Matrix products. */
import * as tf from "@tensorflow/tfjs-core";
import { type Case, of } from "./case.ts";

type Matrix = tf.Tensor2D;

/** A product of every combination of transposed arguments, with gradients through both. */
function products(name: string, shapes: { a: number[]; at: number[]; b: number[]; bt: number[] }): Case[] {
  return [[false, false], [false, true], [true, false], [true, true]].map(([transposeA, transposeB]) => ({
    name: `matMul: ${name}${transposeA ? ", first transposed" : ""}${transposeB ? ", second transposed" : ""}`,
    inputs: [of(...(transposeA ? shapes.at : shapes.a)), of(...(transposeB ? shapes.bt : shapes.b))],
    run: (a, b) => tf.matMul(a as Matrix, b as Matrix, transposeA, transposeB),
  }));
}

/** The cases. */
export const product: Case[] = [
  ...products("matrices", { a: [3, 5], at: [5, 3], b: [5, 4], bt: [4, 5] }),
  ...products("larger matrices", { a: [33, 70], at: [70, 33], b: [70, 41], bt: [41, 70] }),
  ...products("batches", { a: [4, 3, 5], at: [4, 5, 3], b: [4, 5, 2], bt: [4, 2, 5] }),
  ...products("heads", { a: [2, 3, 4, 5], at: [2, 3, 5, 4], b: [2, 3, 5, 6], bt: [2, 3, 6, 5] }),
  ...products("one row", { a: [1, 64], at: [64, 1], b: [64, 10], bt: [10, 64] }),
  {
    name: "matMul: one matrix for a batch",
    inputs: [of(4, 3, 5), of(1, 5, 2)],
    run: (a, b) => tf.matMul(a as Matrix, b as Matrix),
    gradient: false, // tensorflow.js gives that of a batch of matrices
  },
  { name: "dot", inputs: [of(5), of(5)], run: (a, b) => tf.dot(a, b) },
  { name: "outerProduct", inputs: [of(3), of(4)], run: (a, b) => tf.outerProduct(a as tf.Tensor1D, b as tf.Tensor1D) },
];
