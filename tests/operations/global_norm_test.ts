import * as tf from "@tensorflow/tfjs-core";
import { globalNorm } from "../../lib/operations/mod.ts";
import { testOnEngines } from "../engines/on_engines.ts";
import { assert, assertAllClose } from "../support/mod.ts";

testOnEngines("globalNorm() is the norm of all tensors as one vector", () => {
  const tensors = [tf.tensor2d([[1, 2], [2, 4]]), tf.tensor1d([10]), tf.scalar(10)];
  assertAllClose(globalNorm(tensors), 15);
});

testOnEngines("globalNorm() loses nothing over millions of numbers", () => {
  const gradient = tf.randomNormal([2 ** 12, 2 ** 10], 0, 1, "float32", 1);
  let squares = 0;
  for (const value of gradient.dataSync()) squares += value * value;
  assertAllClose(globalNorm([gradient, tf.scalar(0)]), Math.sqrt(squares), { rtol: 1e-6, atol: 0 });
  gradient.dispose();
});

testOnEngines("globalNorm() of a NaN is NaN", () => {
  assert(Number.isNaN(globalNorm([tf.tensor1d([1, NaN]), tf.scalar(1)]).dataSync()[0]));
});
