import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { assert, assertAllClose, assertEquals, assertThrows } from "../support/mod.ts";
import { useEngine } from "../../lib/engines/mod.ts";
import {
  alphaBeta,
  amari,
  chiSquared,
  divergence,
  type DivergenceOption,
  divergences,
  jeffreys,
  jensenShannon,
  kl,
  renyi,
  squaredHellinger,
  totalVariation,
} from "../../lib/divergences/mod.ts";
import { perToken } from "../../lib/divergences/divergence.ts";
import { logDistribution, logSoftmax, referenceDivergences as members } from "./reference.ts";

await useEngine("wasm");

const compute = (option: DivergenceOption, x: tf.Tensor, y: tf.Tensor): tf.Tensor =>
  perToken(divergence(option), [x, y]);
const fromLogits = (option: DivergenceOption) => (x: tf.Tensor, y: tf.Tensor): tf.Scalar =>
  tf.sum(compute(option, tf.logSoftmax(x), tf.logSoftmax(y))) as tf.Scalar;

Deno.test("divergences() are all among the members tested here", () => {
  const tested = new Set(members.map(([option]) => typeof option === "string" ? option : option.name));
  assertEquals([...tested].sort(), divergences().sort());
});

for (const [option, reference] of members) {
  const name = JSON.stringify(option);

  Deno.test(`divergence(${name}) equals its definition in float64`, () => {
    fc.assert(fc.property(logDistribution({ scale: 3 }), logDistribution({ scale: 3 }), (x, y) => {
      const expected = reference(x.map(Math.exp), y.map(Math.exp));
      const actual = tf.tidy(() => compute(option, tf.tensor1d(x), tf.tensor1d(y)).dataSync()[0]);
      assertAllClose(actual, expected, { atol: 2e-5, rtol: 2e-5 });
    }));
  });

  Deno.test(`divergence(${name}) is 0 from itself and never below 0`, () => {
    fc.assert(fc.property(logDistribution({ scale: 8 }), logDistribution({ scale: 8 }), (x, y) => {
      const [self, other] = tf.tidy(() => [
        compute(option, tf.tensor1d(x), tf.tensor1d(x)).dataSync()[0],
        compute(option, tf.tensor1d(x), tf.tensor1d(y)).dataSync()[0],
      ]);
      assert(self >= 0 && self <= 1e-4 && other >= 0, `${self}, ${other}`);
    }));
  });

  Deno.test(`divergence(${name}) has a finite value and gradient at logits of ±100`, () => {
    const logit = fc.oneof(fc.constantFrom(-100, 0, 100), fc.double({ min: -100, max: 100, noNaN: true }));
    const logits = fc.array(logit, { minLength: 5, maxLength: 5 });
    fc.assert(fc.property(logits, logits, (x, y) => {
      const finite = tf.tidy(() => {
        const inputs = [x, y].map((z) => tf.tensor1d(z));
        const { value, grads } = tf.valueAndGrads(fromLogits(option))(inputs);
        return [value, ...grads].every((tensor) => tensor.dataSync().every(Number.isFinite));
      });
      assert(finite);
    }));
  });

  Deno.test(`divergence(${name}) has the gradient of float64 differences, in both arguments`, () => {
    const logits = [[1, -0.5, 0.3, 2], [0.2, 0.4, -1, 0.1]];
    const gradients = tf.grads(fromLogits(option))(logits.map((z) => tf.tensor1d(z)));
    gradients.forEach((gradient, side) => {
      const expected = logits[side].map((_, k) => {
        const at = (step: number) => {
          const moved = logits.map((z, i) => z.map((value, j) => i === side && j === k ? value + step : value));
          const [x, y] = moved.map((z) => logSoftmax(z).map(Math.exp));
          return reference(x, y);
        };
        return (at(1e-5) - at(-1e-5)) / 2e-5;
      });
      assertAllClose(gradient, expected, { atol: 2e-5, rtol: 2e-5 });
    });
  });
}

Deno.test("kl() is exact where probabilities are 0", () => {
  const coin = tf.log([0.5, 0.5, 0]);
  assertAllClose(kl(tf.log([1, 0, 0]), coin), Math.LN2);
  assertAllClose(kl(coin, coin), 0);
  assertAllClose(kl(coin, tf.log([1, 0, 0])), Infinity);
  assert(Number.isNaN(kl(tf.log([0.5, 0.5, NaN]), coin).dataSync()[0]));
  assert(Number.isNaN(kl(coin, tf.log([0.5, 0.5, NaN])).dataSync()[0]));
});

Deno.test("divergences keep to their definitions where probabilities are 0", () => {
  const [one, coin, other] = [[1, 0, 0], [0.5, 0.5, 0], [0, 1, 0]].map((x) => tf.log(x));
  assertAllClose(jensenShannon(one, other, { beta: 0.5 }), Math.LN2);
  assertAllClose(totalVariation(one, other), 1);
  assertAllClose(squaredHellinger(one, other), 1);
  assertAllClose(jeffreys(one, coin), Infinity);
  assertAllClose(chiSquared(one, coin), 1);
  assertAllClose(chiSquared(coin, one), Infinity);
  assertAllClose(renyi(one, coin, { order: 2 }), Math.LN2);
  assertAllClose(renyi(coin, one, { order: 2 }), Infinity);
  assertAllClose(renyi(one, other, { order: 0.5 }), Infinity);
  assertAllClose(amari(one, other, { alpha: 0 }), 4);
  assertAllClose(alphaBeta(one, coin, { alpha: 1, beta: 0 }), Math.LN2);
  assertAllClose(alphaBeta(coin, one, { alpha: 1, beta: 0 }), Infinity);
  assertAllClose(alphaBeta(one, one, { alpha: 0, beta: 0 }), 0);
  assertAllClose(alphaBeta(one, one, { alpha: -0.5, beta: 0.2 }), 0);
});

Deno.test("divergences are NaN, not 0, where an argument is NaN", () => {
  const uniform = tf.log(tf.fill([9], 1 / 9));
  const broken = tf.tensor1d([...new Array(8).fill(Math.log(1 / 8)), NaN]);
  for (const [option] of members) {
    assert(Number.isNaN(compute(option, uniform, broken).dataSync()[0]), `y of ${JSON.stringify(option)}`);
    assert(Number.isNaN(compute(option, broken, uniform).dataSync()[0]), `x of ${JSON.stringify(option)}`);
  }
});

Deno.test("alphaBeta() is continuous at its limits", () => {
  const [x, y] = [[1, -0.5, 0.3, 2], [0.2, 0.4, -1, 0.1]].map((z) => tf.tensor1d(logSoftmax(z)));
  for (const [alpha, beta] of [[0.7, 0], [0, 0.7], [0.7, -0.7], [0, 0]]) {
    const limit = alphaBeta(x, y, { alpha, beta });
    for (const step of [2e-3, -2e-3]) {
      const near = alphaBeta(x, y, { alpha: alpha + step, beta: beta + step / 2 });
      assertAllClose(near, limit, { atol: 0.02, rtol: 0.02 });
    }
  }
});

Deno.test("divergences work on any leading shape and leave nothing behind", () => {
  const rows = [logSoftmax([1, 2, 3]), logSoftmax([0, 0, 1])];
  const x = tf.tensor3d([...rows, ...rows].flat(), [2, 2, 3]);
  const y = tf.tensor3d([...rows, ...rows.toReversed()].flat(), [2, 2, 3]);
  for (const [option] of members) {
    const before = tf.memory().numTensors;
    const values = compute(option, x, y);
    assertEquals(tf.memory().numTensors, before + 1);
    assertEquals(values.shape, [2, 2]);
    assertAllClose(values.dataSync().slice(0, 2), [0, 0]);
    assert(values.dataSync()[2] > 1e-3);
    values.dispose();
  }
});

Deno.test("divergence() refuses unknown names and parameters, naming them and what there is", () => {
  // deno-lint-ignore no-explicit-any
  const make = (option: any) => () => divergence(option);
  assertThrows(make("kll"), RangeError, "one of kl, amari, alpha-beta");
  assertThrows(make({ name: "toString" }), RangeError, "current value is toString");
  assertThrows(make(3), TypeError, "current value is 3");
  assertThrows(make(null), TypeError, "current value is null");
  assertThrows(make({ name: "kl", beta: 1 }), TypeError, 'its options are none, current key is "beta"');
  assertThrows(make({ name: "renyi", order: 0 }), RangeError, "current value is 0");
  assertThrows(make({ name: "alpha-beta", alpha: "1" }), TypeError, "alpha must be a number");
  assertThrows(make({ name: "alpha-beta", alpha: Infinity }), RangeError, "current value is Infinity");
  assertThrows(make({ name: "jensen-shannon", beta: 1 }), RangeError, "below 1, current value is 1");
  assertThrows(() => kl(tf.log([1, 0]), tf.log([1])), RangeError, "current shapes are [2] and [1]");
});
