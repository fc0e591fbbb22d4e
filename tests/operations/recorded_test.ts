import * as tf from "@tensorflow/tfjs-core";
import { useEngine } from "../../lib/engines/mod.ts";
import { Recorded } from "../../lib/operations/recorded.ts";
import { assert, assertAllClose, assertEquals, assertThrows } from "../support/mod.ts";

await useEngine("cpu");

/** A computation with shared inputs, reshapes that pass gradients on, and an operation of several outputs. */
function compute(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  const sum = tf.add(a, b);
  const [left, right] = tf.split(tf.reshape(tf.mul(sum, a), [2, 4]), 2, 1);
  return tf.sub(tf.add(left, tf.clone(left)), tf.tanh(tf.add(right, tf.reshape(b, [2, 4]).slice([0, 2], [2, 2]))));
}

Deno.test("Recorded gives the gradients that tensorflow.js gives, and leaves nothing behind", () => {
  const before = tf.memory().numTensors;
  const [a, b] = [1, 2].map((seed) => tf.randomNormal([8], 0, 1, "float32", seed));
  const dy = tf.randomNormal([2, 2], 0, 1, "float32", 3);
  const expected = tf.grads((a, b) => compute(a, b))([a, b], dy);
  const recorded = new Recorded(() => compute(a, b));
  const gradients = recorded.gradients(dy, [a, b]);
  assertAllClose(gradients.get(a.id)!, expected[0], { atol: 1e-7, rtol: 1e-6 });
  assertAllClose(gradients.get(b.id)!, expected[1], { atol: 1e-7, rtol: 1e-6 });
  assert(!dy.isDisposed && !recorded.value.isDisposed);
  tf.dispose([a, b, dy, recorded.value, expected, ...gradients.values()]);
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("Recorded hands a gradient over when it is whole, before the way back is at its end", () => {
  const before = tf.memory().numTensors;
  const [a, b, c] = [1, 2, 3].map((seed) => tf.randomNormal([8], 0, 1, "float32", seed));
  const dy = tf.randomNormal([8], 0, 1, "float32", 4);
  // c is used last, b before it and again at the end, a first.
  const compute = (a: tf.Tensor, b: tf.Tensor, c: tf.Tensor) => tf.mul(tf.add(tf.mul(tf.square(a), b), c), b);
  const expected = tf.grads(compute)([a, b, c], dy);
  const order: number[] = [];
  const recorded = new Recorded(() => compute(a, b, c));
  const left = recorded.gradients(dy, [a, b, c], {
    onGradient(id, gradient) {
      order.push(id);
      if (id === a.id) return false;
      assertAllClose(gradient, expected[id === b.id ? 1 : 2], { atol: 1e-6, rtol: 1e-5 });
      gradient.dispose();
      return true;
    },
  });
  assertEquals(order, [c.id, b.id, a.id]);
  assertEquals([...left.keys()], [a.id]);
  assertAllClose(left.get(a.id)!, expected[0], { atol: 1e-6, rtol: 1e-5 });
  tf.dispose([a, b, c, dy, recorded.value, ...expected, ...left.values()]);
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("Recorded gives no gradient in a source on which nothing depends", () => {
  const [a, b] = [tf.tensor1d([1, 2]), tf.tensor1d([3, 4])];
  const gradients = new Recorded(() => tf.square(a)).gradients(tf.tensor1d([1, 1]), [a, b]);
  assertAllClose(gradients.get(a.id)!, [2, 4]);
  assert(!gradients.has(b.id));
});

Deno.test("Recorded frees what it recorded when the computation fails, when it is discarded, and when the backward pass fails", () => {
  const a = tf.tensor1d([1, 2]), one = tf.tensor1d([1, 1]);
  const before = tf.memory().numTensors;
  assertThrows(() =>
    new Recorded(() => {
      tf.square(a);
      throw new RangeError("given up");
    }), RangeError);
  assertEquals(tf.memory().numTensors, before);

  const given = new Recorded(() => tf.square(a));
  given.dispose();
  given.value.dispose();
  assertEquals(tf.memory().numTensors, before);

  const failing = tf.customGrad((x) => ({
    value: tf.square(x as tf.Tensor),
    gradFunc: () => {
      throw new RangeError("no way back");
    },
  }));
  const recorded = new Recorded(() => failing(tf.square(a)));
  assertThrows(() => recorded.gradients(one, [a]), RangeError, "no way back");
  recorded.value.dispose();
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("Recorded frees a gradient and what it needs as soon as the backward pass is past them", () => {
  const a = tf.ones([1000]);
  const chain = (x: tf.Tensor) => {
    for (let i = 0; i < 20; i++) x = tf.tidy(() => tf.sin(tf.cos(x)));
    return x;
  };
  let most = 0;
  const watched = tf.customGrad((x) => ({
    value: tf.clone(x as tf.Tensor),
    gradFunc: (dy: tf.Tensor) => {
      most = Math.max(most, tf.memory().numTensors);
      return tf.clone(dy);
    },
  }));
  const before = tf.memory().numTensors;
  const recorded = new Recorded(() => chain(watched(chain(a))));
  const held = tf.memory().numTensors - before;
  const dy = tf.ones([1000]);
  tf.dispose(recorded.gradients(dy, [a]).get(a.id)!);
  assert(most - before < 0.7 * held, `${most - before} tensors half way, ${held} before`);
});
