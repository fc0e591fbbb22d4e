import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { assert, assertAllClose, assertEquals, assertThrows } from "../support/mod.ts";
import { useEngine } from "../../lib/engines/mod.ts";
import { maskedMean } from "../../lib/objectives/masked_mean.ts";

await useEngine("wasm");

Deno.test("maskedMean() is the mean of what is kept", () => {
  const kept = fc.array(fc.record({ value: fc.double({ min: -9, max: 9, noNaN: true }), keep: fc.boolean() }), {
    minLength: 1,
  }).filter((tokens) => tokens.some(({ keep }) => keep));
  fc.assert(fc.property(kept, (tokens) => {
    const values = tf.tensor1d(tokens.map(({ value }) => value));
    const mask = tf.tensor1d(tokens.map(({ keep }) => keep), "bool");
    const subset = tokens.filter(({ keep }) => keep);
    assertAllClose(maskedMean(values, mask), subset.reduce((sum, { value }) => sum + value, 0) / subset.length);
  }));
});

Deno.test("maskedMean() is a scalar, whatever the shape and the mask's type", () => {
  const values = tf.tensor2d([1, 2, 3, 4], [2, 2]);
  for (const dtype of ["bool", "int32", "float32"] as const) {
    const mean = maskedMean(values, tf.tensor2d([1, 0, 1, 0], [2, 2], dtype));
    assertEquals(mean.shape, []);
    assertAllClose(mean, 2);
  }
});

Deno.test("maskedMean() is not touched by what is masked out, not even in the gradient", () => {
  const mask = tf.tensor1d([1, 0, 0]);
  const { value, grad } = tf.valueAndGrad((x: tf.Tensor) => maskedMean(x, mask) as tf.Scalar)(
    tf.tensor1d([3, NaN, Infinity]),
  );
  assertAllClose(value, 3);
  assertAllClose(grad, [1, 0, 0]);
  assert(Number.isNaN(maskedMean(tf.tensor1d([NaN, 1, 1]), mask).dataSync()[0]));
});

Deno.test("maskedMean() refuses an empty mask, other values than 0 and 1, shapes that differ", () => {
  const values = tf.tensor1d([1, 2]);
  assertThrows(() => maskedMean(values, tf.tensor1d([0, 0])), RangeError, "the mask [2] must keep at least one token");
  assertThrows(() => maskedMean(values, tf.tensor1d([1, 0.5])), RangeError, "current value at 1 is 0.5");
  assertThrows(() => maskedMean(values, tf.tensor1d([1, NaN])), RangeError, "current value at 1 is NaN");
  assertThrows(() => maskedMean(values, tf.tensor2d([1, 1], [1, 2])), RangeError, "[2] and [1,2]");
});
