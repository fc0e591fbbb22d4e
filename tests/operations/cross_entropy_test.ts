import * as tf from "@tensorflow/tfjs-core";
import { crossEntropy } from "../../lib/operations/mod.ts";
import { testOnEngines } from "../engines/on_engines.ts";
import { assertAllClose, assertEquals, assertThrows } from "../support/mod.ts";

const labels = Int32Array.of(2, 0, 4);
const logits = () => tf.tensor2d([[1, -2, 3, 0.5, 9], [100, -100, 0, 4, 4], [-1, -1, -1, -1, -1]]);

testOnEngines("crossEntropy() is the gradient of minus the log-probability, by autodiff", () => {
  tf.tidy(() => {
    const hot = tf.oneHot(tf.tensor1d(labels, "int32"), 5);
    const each = (x: tf.Tensor) => tf.neg(tf.sum(tf.mul(hot, tf.logSoftmax(x as tf.Tensor2D)), -1));
    const expected = tf.grad((x) => tf.mul(tf.sum(each(x)), 0.5))(logits());
    const { values, gradient } = crossEntropy(logits(), labels, { scale: 0.5 });
    assertAllClose(values, each(logits()));
    assertAllClose(gradient!, expected);
    assertEquals([values.shape, gradient!.shape], [[3], [3, 5]]);
  });
});

testOnEngines("crossEntropy() leaves the logits as they are, and makes no gradient that is not wanted", () => {
  tf.tidy(() => {
    const given = logits();
    const { values, gradient } = crossEntropy(given, labels, { gradient: false });
    assertEquals(gradient, undefined);
    crossEntropy(given, labels);
    assertAllClose(given, logits(), { atol: 0, rtol: 0 });
    assertAllClose(values.slice(2), [Math.log(5)]);
  });
});

testOnEngines("crossEntropy() refuses labels outside the vocabulary, or too few", () => {
  const given = logits();
  assertThrows(() => crossEntropy(given, Int32Array.of(0, 5, 1)), RangeError, "current value is 5");
  assertThrows(() => crossEntropy(given, Int32Array.of(0, -1, 1)), RangeError, "current value is -1");
  assertThrows(() => crossEntropy(given, Int32Array.of(0)), RangeError, "current count is 1");
  given.dispose();
});
