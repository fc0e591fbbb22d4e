import * as tf from "@tensorflow/tfjs-core";
import { useEngine } from "../../lib/engines/mod.ts";
import { objective, tempered } from "../../lib/objectives/mod.ts";
import { assert, assertAllClose, assertThrows } from "../support/mod.ts";

await useEngine("cpu");

const student = tf.tensor2d([[1, -2, 0.5], [0, 3, 1]]);
const teacher = tf.tensor2d([[0, 1, 2], [2, -1, 0]]);

Deno.test("tempered() is τ² times the objective of the logits over τ, in value and gradient", () => {
  for (const name of ["forward-kl", "amid", "total-variation"] as const) {
    const plain = objective(name);
    const soft = tempered(plain, 2.5);
    const expected = (student: tf.Tensor) =>
      tf.mul(plain.perToken({ student: tf.div(student, 2.5), teacher: tf.div(teacher, 2.5) }), 6.25);
    assertAllClose(soft.perToken({ student, teacher }), expected(student));
    const gradient = tf.grad((x) => tf.sum(expected(x)))(student);
    assertAllClose(tf.grad((x) => tf.sum(soft.perToken({ student: x, teacher })))(student), gradient);
    const closed = soft.valueAndGradient!({ student, teacher });
    assertAllClose(closed.values, expected(student));
    assertAllClose(closed.gradient, gradient);
  }
});

Deno.test("tempered() at a high temperature has the gradient (z − v) / V of centred logits, for forward KL", () => {
  // G. Hinton et al., 2015, eq. 4: the gradient nears (z − v) / V for centred logits.
  const soft = tempered(objective("forward-kl"), 1000);
  const centred = (x: tf.Tensor) => tf.sub(x, tf.mean(x, -1, true));
  const expected = tf.div(tf.sub(centred(student), centred(teacher)), 3);
  assertAllClose(soft.valueAndGradient!({ student, teacher }).gradient, expected, { atol: 5e-3 });
});

Deno.test("tempered() returns the objective itself at 1, and refuses what is not above 0", () => {
  const plain = objective("forward-kl");
  assert(tempered(plain, 1) === plain);
  for (const temperature of [0, -1, NaN, Infinity]) {
    assertThrows(() => tempered(plain, temperature), RangeError, `current value is ${temperature}`);
  }
});
