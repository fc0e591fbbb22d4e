/** Operations of the decoders after GPT-2 against their definitions, and their gradients against those of autodiff. */
import * as tf from "@tensorflow/tfjs-core";
import { useEngine } from "../../lib/engines/mod.ts";
import { rmsNorm, rotary, silu, softCap, softCapGradient } from "../../lib/operations/mod.ts";
import { assertAllClose, assertThrows } from "../support/mod.ts";

await useEngine("cpu");

const random = (shape: number[], seed: number) => tf.randomNormal(shape as [number, number], 0, 1, "float32", seed);

/** A sum in which each element counts differently. */
const weighed = (y: tf.Tensor) => tf.sum(tf.mul(y, tf.reshape(tf.cos(tf.range(0, y.size)), y.shape))) as tf.Scalar;

/** Values and gradients of two functions of the same inputs. */
function assertSame(a: (...x: tf.Tensor[]) => tf.Tensor, b: typeof a, inputs: tf.Tensor[]): void {
  assertAllClose(a(...inputs), b(...inputs), { atol: 1e-5 });
  const [ours, theirs] = [a, b].map((f) => tf.grads((...x) => weighed(f(...x)))(inputs));
  ours.forEach((gradient, i) => assertAllClose(gradient, theirs[i], { atol: 1e-5 }));
}

Deno.test("rmsNorm() equals its definition, gradients included", () => {
  assertSame(
    (x, gain) => rmsNorm(x, { gain, epsilon: 0.01 }),
    (x, gain) => tf.mul(tf.div(x, tf.sqrt(tf.add(tf.mean(tf.square(x), 1, true), 0.01))), gain),
    [random([5, 7], 1), random([7], 2)],
  );
});

Deno.test("silu() equals its definition, gradient included", () => {
  assertSame((x) => silu(x), (x) => tf.mul(x, tf.sigmoid(x)), [tf.mul(random([5, 7], 1), 4)]);
});

Deno.test("softCapGradient() is the gradient that autodiff gives softCap()", () => {
  const [x, dy] = [tf.mul(random([5, 7], 1), 4), random([5, 7], 2)];
  const expected = tf.grad((x) => softCap(x, 3))(x, dy);
  assertAllClose(softCapGradient(dy, softCap(x, 3), 3), expected, { atol: 1e-5 });
  assertAllClose(softCap(x), x);
});

Deno.test("rotary() turns pairs as complex numbers turn, gradient included", () => {
  const angles = random([3, 2], 4);
  const [cosines, sines] = [tf.cos(angles), tf.sin(angles)];
  // One head of four numbers: (x0, x2) and (x1, x3) are the pairs.
  assertSame(
    (x) => rotary(x, { cosines, sines, heads: 1 }),
    (x) => {
      const [a, b] = tf.split(x, 2, 1);
      // (a + ib)(cos + i sin)
      const real = tf.sub(tf.mul(a, cosines), tf.mul(b, sines));
      return tf.concat([real, tf.add(tf.mul(a, sines), tf.mul(b, cosines))], 1);
    },
    [random([3, 4], 1)],
  );
});

Deno.test("rotary() turns the first numbers of each head alone where fewer turn, gradient included", () => {
  const angles = random([3, 1], 4);
  const options = { cosines: tf.cos(angles), sines: tf.sin(angles), heads: 2, turning: 2 };
  assertSame(
    (x) => rotary(x, options),
    (x) => {
      const heads = tf.split(x, 2, 1).map((head) => {
        const [first, rest] = tf.split(head, [2, 3], 1);
        return tf.concat([rotary(first, { ...options, heads: 1 }), rest], 1);
      });
      return tf.concat(heads, 1);
    },
    [random([3, 10], 1)],
  );
});

Deno.test("rotary() keeps lengths, and products depend on the distance of positions alone", () => {
  const place = (position: number) => {
    const angles = tf.tensor2d([[position, position * 0.1]]);
    return { cosines: tf.cos(angles), sines: tf.sin(angles), heads: 1 };
  };
  const [query, key] = [random([1, 4], 1), random([1, 4], 2)];
  const score = (i: number, j: number) => tf.sum(tf.mul(rotary(query, place(i)), rotary(key, place(j)))).dataSync()[0];
  assertAllClose([score(5, 3), score(102, 100)], [score(2, 0), score(2, 0)], { atol: 1e-4 });
  assertAllClose(tf.norm(rotary(query, place(7))), tf.norm(query));
});

Deno.test("rmsNorm() and rotary() refuse shapes that do not fit, naming them", () => {
  const x = random([3, 4], 1);
  assertThrows(() => rmsNorm(x, { gain: tf.ones([3]) }), RangeError, "the width of [3,4], current shape is [3]");
  assertThrows(() => rmsNorm(tf.ones([2, 3, 4]), { gain: tf.ones([4]) }), RangeError, "[2,3,4]");
  const angles = tf.zeros([3, 1]);
  assertThrows(
    () => rotary(x, { cosines: angles, sines: angles, heads: 1 }),
    RangeError,
    "cosines must have the shape [3,2]",
  );
});
