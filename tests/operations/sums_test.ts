import * as tf from "@tensorflow/tfjs-core";
import { addProduct, addRows, embedding } from "../../lib/operations/mod.ts";
import { Recorded } from "../../lib/operations/recorded.ts";
import { testOnEngines } from "../engines/on_engines.ts";
import { assert, assertAllClose, assertEquals } from "../support/mod.ts";

const random = (shape: [number, number], seed: number) => tf.randomNormal(shape, 0, 1, "float32", seed) as tf.Tensor2D;

testOnEngines("addProduct() adds aᵀ b to a sum, which is freed", () => {
  const start = tf.memory().numTensors;
  // Large enough for every way that an engine has to multiply.
  const [sum, a, b] = [random([130, 65], 1), random([40, 130], 2), random([40, 65], 3)];
  const expected = tf.tidy(() => tf.add(sum, tf.matMul(a, b, true, false)).dataSync());
  const result = addProduct(sum, [a, b]);
  assert(sum.isDisposed);
  assertAllClose(result, expected, { atol: 1e-4 });
  tf.dispose([result, a, b]);
  assertEquals(tf.memory().numTensors, start);
});

testOnEngines("addRows() adds each row at its place, a place that comes twice too", () => {
  const start = tf.memory().numTensors;
  const sum = tf.ones([4, 2]) as tf.Tensor2D;
  const [rows, places] = [tf.tensor2d([[1, 2], [10, 20], [100, 200]]), tf.tensor1d([3, 0, 3], "int32")];
  const result = addRows(sum, { rows, places });
  assert(sum.isDisposed);
  assertAllClose(result, [11, 21, 1, 1, 1, 1, 102, 203]);
  tf.dispose([result, rows, places]);
  assertEquals(tf.memory().numTensors, start);
});

testOnEngines("embedding() picks rows, and its gradient is added to a sum that is given", () => {
  const start = tf.memory().numTensors;
  const table = random([5, 3], 1), ids = tf.tensor1d([4, 1, 4], "int32");
  const [dy, before] = [random([3, 3], 2), random([5, 3], 3)];
  const expected = tf.tidy(() => tf.add(before, tf.unsortedSegmentSum(dy, ids, 5)).dataSync());
  const recorded = new Recorded(() => embedding(table, ids));
  assertAllClose(recorded.value, tf.tidy(() => tf.gather(table, ids).dataSync()));
  const gradient = recorded.gradients(dy, [table], { sums: new Map([[table.id, before]]) }).get(table.id)!;
  assert(before.isDisposed);
  assertAllClose(gradient, expected);
  tf.dispose([table, ids, dy, gradient, recorded.value]);
  assertEquals(tf.memory().numTensors, start);
});

testOnEngines("embedding() has its gradient without a sum as well", () => {
  const table = random([5, 3], 1), ids = tf.tensor1d([4, 1, 4], "int32"), dy = random([3, 3], 2);
  const [expected] = tf.grads((table) => tf.gather(table, ids))([table], dy);
  const [found] = tf.grads((table) => embedding(table, ids))([table], dy);
  assertAllClose(found, expected.dataSync());
});
