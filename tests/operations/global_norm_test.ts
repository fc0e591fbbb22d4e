import * as tf from "@tensorflow/tfjs-core";
import { globalNorm } from "../../lib/operations/mod.ts";
import { testOnEngines } from "../engines/on_engines.ts";
import { assert, assertAllClose } from "../support/mod.ts";

testOnEngines("globalNorm() is the norm of all tensors as one vector", () => {
  const tensors = [tf.tensor2d([[1, 2], [2, 4]]), tf.tensor1d([10]), tf.scalar(10)];
  assertAllClose(globalNorm(tensors), 15);
});

testOnEngines("globalNorm() loses nothing over millions of numbers", () => {
  // Neither a power of two nor a multiple of anything that an engine may add at once.
  const gradient = tf.randomNormal([4001, 1013], 0, 1, "float32", 1);
  let squares = 0;
  for (const value of gradient.dataSync()) squares += value * value;
  for (const shape of [[4001, 1013], [4001 * 1013], [1013, 4001]]) {
    const norm = tf.tidy(() => globalNorm([tf.reshape(gradient, shape), tf.scalar(0)]));
    assertAllClose(norm, Math.sqrt(squares), { rtol: 1e-6, atol: 0 });
    norm.dispose();
  }
  gradient.dispose();
});

testOnEngines("globalNorm() of a NaN is NaN", () => {
  assert(Number.isNaN(globalNorm([tf.tensor1d([1, NaN]), tf.scalar(1)]).dataSync()[0]));
});
