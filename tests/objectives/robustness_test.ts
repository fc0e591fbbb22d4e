import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { assert, assertAllClose, assertEquals, assertThrows } from "../support/mod.ts";
import { useEngine } from "../../lib/engines/mod.ts";
import { type Objective, objective, type ObjectiveName, objectives, type Order } from "../../lib/objectives/mod.ts";
import { divergences } from "../../lib/divergences/mod.ts";

await useEngine("wasm");

const ORDERS: Order[] = ["pr", "qr", "rp", "rq", "pq", "qp"];
const pair = {
  student: tf.tensor3d([0.3, -1, 2, 0.1, 1, 0, -2, 0.5, 0.4, 3, -1, 0, 2, 2.5, -0.7, -1], [2, 2, 4]),
  teacher: tf.tensor3d([1, 0.2, -1, 0.7, 2, -1, -1, 0.3, 0, 1, -2, 1.5, 0.1, 2, 0.6, -3], [2, 2, 4]),
};

const everyObjective = (): [string, Objective][] => [
  ...objectives().map((name): [string, Objective] => [name, objective(name)]),
  ...divergences().flatMap((divergence) =>
    ORDERS.flatMap((order) =>
      [-10, 0.5, 1, 10].map((alpha): [string, Objective] => {
        const options = { divergence, order, alpha, lambda: 0.3 };
        return [JSON.stringify(options), objective("amid", options)];
      })
    )
  ),
];

Deno.test("objective() has a finite value, at least 0, and a finite gradient at logits of ±100", () => {
  const logit = fc.oneof(fc.constantFrom(-100, 0, 100), fc.double({ min: -100, max: 100, noNaN: true }));
  const logits = fc.array(logit, { minLength: 10, maxLength: 10 });
  for (const [name, { valueAndGradient }] of everyObjective()) {
    const property = fc.property(logits, logits, (p, q) => {
      const [values, gradient] = tf.tidy(() => {
        const all = valueAndGradient!({ student: tf.tensor2d(q, [2, 5]), teacher: tf.tensor2d(p, [2, 5]) });
        return [all.values.dataSync(), all.gradient.dataSync()];
      });
      assert(values.every((value) => Number.isFinite(value) && value >= 0), `${name}: ${values}`);
      assert(gradient.every(Number.isFinite), `${name}: ${gradient}`);
    });
    fc.assert(property, { numRuns: 8 });
  }
});

Deno.test("objective() returns NaN, not 0, for a row with NaN or +∞, and leaves the other rows alone", () => {
  for (const broken of [NaN, Infinity]) {
    const rows = tf.tensor2d([0, 1, broken, 0, 1, 2, 1, 2, 0, 1, -1, 3], [2, 6]);
    const sound = tf.tensor2d([2, 1, 0, 0, 1, 2, 1, 1, 1, 1, 1, 2], [2, 6]);
    for (const [name, { perToken }] of everyObjective()) {
      const values = perToken({ student: rows, teacher: sound }).dataSync();
      assert(Number.isNaN(values[0]) && values[1] > 0, `${name}, student: ${values}`);
      assert(Number.isNaN(perToken({ student: sound, teacher: rows }).dataSync()[0]), `${name}, teacher`);
    }
  }
});

Deno.test("objective() takes a logit of −∞ as a token that is not there", () => {
  const padded = (x: tf.Tensor): tf.Tensor => tf.pad(x, [[0, 0], [0, 0], [0, 2]], -Infinity);
  const wide = { student: padded(pair.student), teacher: padded(pair.teacher) };
  for (const [name, { valueAndGradient }] of everyObjective()) {
    const [plain, withPadding] = [valueAndGradient!(pair), valueAndGradient!(wide)];
    assertAllClose(withPadding.values, plain.values, { rtol: 1e-4 });
    const gradients = tf.split(withPadding.gradient, [4, 2], -1);
    assert(gradients[1].dataSync().every((value) => value === 0), name);
    assertAllClose(gradients[0], plain.gradient, { rtol: 1e-4 });
  }
  // Only the teacher's vocabulary is padded: its extra tokens have probability 0, the student's do not.
  const halfPadded = { teacher: wide.teacher, student: tf.pad(pair.student, [[0, 0], [0, 0], [0, 2]]) };
  for (const alpha of [-1, 0.5, 1, 3]) {
    const { values, gradient } = objective("amid", { alpha, order: "pr" }).valueAndGradient!(halfPadded);
    assert([...values.dataSync(), ...gradient.dataSync()].every(Number.isFinite));
  }
});

Deno.test("objective() has no gradient in the teacher", () => {
  const { perToken } = objective("amid", { order: "rq" });
  // The teacher's logits depend on the student's here; what reaches them that way must not count.
  const dependent = tf.grad((z: tf.Tensor) => tf.sum(perToken({ student: z, teacher: tf.mul(z, 0.5) })));
  const constant = tf.grad((z: tf.Tensor) => tf.sum(perToken({ student: z, teacher: tf.mul(pair.student, 0.5) })));
  assertAllClose(dependent(pair.student), constant(pair.student));
});

Deno.test("objective() makes two tensors and no more", () => {
  for (const [name, { valueAndGradient, perToken }] of everyObjective()) {
    const before = tf.memory().numTensors;
    const { values, gradient } = valueAndGradient!(pair);
    assertEquals(tf.memory().numTensors, before + 2, name);
    tf.dispose([values, gradient]);
    perToken(pair).dispose();
    assertEquals(tf.memory().numTensors, before, name);
  }
});

Deno.test("objective() refuses logits that cannot be compared, naming both", () => {
  const { perToken } = objective("amid");
  const [small, large] = [tf.zeros([2, 5]), tf.zeros([2, 7])];
  assertThrows(() => perToken({ student: small, teacher: large }), RangeError, "5 (student) and 7 (teacher)");
  assertThrows(() => perToken({ student: small, teacher: tf.zeros([3, 5]) }), RangeError, "[2,5] (student)");
  assertThrows(() => perToken({ student: tf.zeros([2, 5], "int32"), teacher: small }), TypeError, "the student's");
});

Deno.test("objective() refuses unknown names, options and values, naming them and what there is", () => {
  // deno-lint-ignore no-explicit-any
  const make = (name: any, options?: any) => () => objective(name as ObjectiveName, options);
  assertThrows(make("forward_kl"), RangeError, "one of amid, forward-kl");
  assertThrows(make("toString"), RangeError, "current value is toString");
  assertThrows(make(undefined), TypeError, "must be a string");
  assertThrows(make("amid", { lamda: 1 }), TypeError, 'alpha, lambda, detachAssistant, current key is "lamda"');
  assertThrows(make("amid", { lambda: 1.1 }), RangeError, "lambda must be a finite number, at least 0, at most 1");
  assertThrows(make("amid", { lambda: -0.1 }), RangeError, "current value is -0.1");
  assertThrows(make("amid", { lambda: "0.5" }), TypeError, 'current value is "0.5"');
  assertThrows(make("amid", { alpha: NaN }), RangeError, "current value is NaN");
  assertThrows(make("amid", { order: "pp" }), RangeError, "one of pr, qr, rp, rq, pq, qp, current value is pp");
  assertThrows(make("amid", { detachAssistant: 1 }), TypeError, "true or false");
  assertThrows(make("amid", { divergence: "ab" }), RangeError, "one of kl, amari");
  assertThrows(make("amid", { detachAssistant: true }), RangeError, "must name the student (q)");
  assertThrows(make("amid", []), TypeError, "must be an object");
  assertThrows(make("forward-kl", { beta: 1 }), TypeError, 'options are none, current key is "beta"');
  assertThrows(make("gkd", { beta: 0 }), RangeError, "above 0, below 1, current value is 0");
  assertThrows(make("distillm", { skew: 1 }), RangeError, "below 1, current value is 1");
  assertThrows(make("wsd", { weight: 2 }), RangeError, "current value is 2");
});
