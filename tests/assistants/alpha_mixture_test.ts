import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { assert, assertAllClose, assertThrows } from "../support/mod.ts";
import { useEngine } from "../../lib/engines/mod.ts";
import {
  alphaMixture,
  ARITHMETIC,
  assistantWeight,
  GEOMETRIC,
  HARMONIC,
  LARGER,
  SMALLER,
} from "../../lib/assistants/mod.ts";
import { logDistribution, logSoftmax, referenceMixture } from "../divergences/reference.ts";

await useEngine("wasm");

const ALPHAS = [
  Infinity,
  10,
  5,
  3,
  2,
  1.5,
  1.11,
  1.09,
  1.05,
  1.01,
  1 + 1e-3,
  1 + 1e-4,
  1 + 1e-6,
  1,
  1 - 1e-6,
  1 - 1e-4,
  1 - 1e-3,
  0.99,
  0.95,
  0.91,
  0.89,
  0.5,
  0,
  -0.5,
  -1,
  -3,
  -5,
  -10,
  -Infinity,
];
const LAMBDAS = [1e-3, 0.1, 0.37, 0.5, 0.9, 0.999];

Deno.test("alphaMixture() is within 1e-5 of float64 for every order, weight and scale of logits", () => {
  const random = generator(7);
  for (const scale of [1, 10, 100]) {
    const [p, q] = [0, 1].map(() => rows(12, () => logSoftmax(sample(17, () => scale * (2 * random() - 1)))));
    for (const alpha of ALPHAS) {
      for (const lambda of LAMBDAS) {
        const r = tf.tidy(() =>
          alphaMixture(tf.tensor2d(p), tf.tensor2d(q), { alpha, lambda }).arraySync() as number[][]
        );
        r.forEach((row, i) => {
          const reference = referenceMixture([p[i], q[i]].map(float32), { alpha, lambda });
          row.forEach((value, k) => {
            const error = Math.abs(value - reference[k]) / Math.max(1, Math.abs(reference[k]));
            assert(error <= 1e-5, `α ${alpha}, λ ${lambda}, ±${scale}: ${value} against ${reference[k]}`);
          });
        });
      }
    }
  }
});

Deno.test("alphaMixture() is within 1e-5 of float64 where each model is sure of another token", () => {
  const p = logSoftmax([100, 90, -100, -95, 99.5, -100, 0]);
  const q = logSoftmax([-100, -97, 100, 98, -99, -100, 1]);
  for (const alpha of ALPHAS) {
    for (const lambda of [1e-3, 0.1, 0.5, 0.9, 0.999]) {
      const reference = referenceMixture([p, q].map(float32), { alpha, lambda });
      assertAllClose(alphaMixture(tf.tensor1d(p), tf.tensor1d(q), { alpha, lambda }), reference);
    }
  }
});

Deno.test("alphaMixture() is continuous in α through 1 and out to ±∞", () => {
  const [p, q] = [[3, -1, 0.5, 8], [0, 2, -4, 7]].map((z) => tf.tensor1d(logSoftmax(z)));
  const at = (alpha: number) => alphaMixture(p, q, { alpha, lambda: 0.3 });
  for (const step of [1e-5, -1e-5]) assertAllClose(at(1 + step), at(GEOMETRIC), { atol: 1e-4 });
  // The branches change hands at |e| = 0.05.
  for (const edge of [0.9, 1.1]) assertAllClose(at(edge - 1e-7), at(edge + 1e-7));
  assertAllClose(at(-1e8), at(LARGER));
  assertAllClose(at(1e8), at(SMALLER));
  assertAllClose(at(-1e6), at(LARGER), { atol: 1e-4 });
});

Deno.test("alphaMixture() has the arithmetic, geometric and harmonic mean as members", () => {
  const [p, q] = [[0.7, 0.2, 0.1], [0.1, 0.3, 0.6]];
  const mixed = (alpha: number) => tf.exp(alphaMixture(tf.log(p), tf.log(q), { alpha, lambda: 0.25 }));
  const normalised = (mean: (p: number, q: number) => number): number[] => {
    const m = p.map((p, i) => mean(p, q[i]));
    return m.map((value) => value / m.reduce((sum, value) => sum + value));
  };
  assertAllClose(mixed(ARITHMETIC), normalised((p, q) => 0.25 * p + 0.75 * q));
  assertAllClose(mixed(GEOMETRIC), normalised((p, q) => p ** 0.25 * q ** 0.75));
  assertAllClose(mixed(HARMONIC), normalised((p, q) => 1 / (0.25 / p + 0.75 / q)));
});

Deno.test("alphaMixture() is the student at λ = 0 and the teacher at λ = 1, at every order", () => {
  const [p, q] = [[3, -1, 0.5], [0, 2, -4]].map((z) => tf.tensor1d(logSoftmax(z)));
  for (const alpha of ALPHAS) {
    assertAllClose(alphaMixture(p, q, { alpha, lambda: 0 }), q);
    assertAllClose(alphaMixture(p, q, { alpha, lambda: 1 }), p);
  }
});

Deno.test("alphaMixture() allows what either allows below α = 1, and what both do from there on", () => {
  const p = tf.tensor1d([Math.log(0.5), Math.log(0.5), -Infinity, -Infinity]);
  const q = tf.tensor1d([Math.log(0.5), -Infinity, Math.log(0.5), -Infinity]);
  for (const alpha of ALPHAS) {
    const options = { alpha, lambda: 0.4 };
    const r = [...alphaMixture(p, q, options).dataSync()];
    const excluded = r.map((value) => value === -Infinity);
    assert(!excluded[0] && excluded[3], `α ${alpha}: ${r}`);
    assert(excluded[1] === alpha >= 1 && excluded[2] === alpha >= 1, `α ${alpha}: ${r}`);
    assertAllClose(Math.log(r.reduce((sum, value) => sum + Math.exp(value), 0)), 0);
    const gradients = tf.grads((p, q) => tf.slice(alphaMixture(p, q, options), 0, 1))([p, q]);
    for (const gradient of gradients) {
      const values = gradient.dataSync();
      assert(values.every(Number.isFinite) && values[3] === 0, `α ${alpha}: gradient ${values}`);
    }
  }
});

Deno.test("alphaMixture() is NaN, not a guess, where no token is left or an input is NaN", () => {
  const options = { alpha: 1, lambda: 0.5 };
  const disjoint = alphaMixture(tf.tensor1d([0, -Infinity]), tf.tensor1d([-Infinity, 0]), options);
  assert(disjoint.dataSync().every(Number.isNaN));
  const p = tf.log(tf.fill([9], 1 / 9));
  const q = tf.tensor1d([...new Array(8).fill(Math.log(1 / 8)), NaN]);
  for (const alpha of ALPHAS) {
    assert(alphaMixture(p, q, { ...options, alpha }).dataSync().every(Number.isNaN), `α ${alpha}, student`);
    assert(alphaMixture(q, p, { ...options, alpha }).dataSync().every(Number.isNaN), `α ${alpha}, teacher`);
  }
});

Deno.test("alphaMixture() has the gradient of float64 differences, in both arguments", () => {
  const logits = [[1, -0.5, 0.3, 2], [0.2, 0.4, -1, 0.1]];
  const upstream = [0.3, -1.2, 0.7, 0.5];
  for (const alpha of [-Infinity, -10, -1, 0.5, 0.95, 1, 1.05, 3, 10]) {
    const options = { alpha, lambda: 0.3 };
    const loss = (p: tf.Tensor, q: tf.Tensor) =>
      tf.sum(tf.mul(alphaMixture(tf.logSoftmax(p), tf.logSoftmax(q), options), upstream));
    const gradients = tf.grads(loss)(logits.map((z) => tf.tensor1d(z)));
    gradients.forEach((gradient, side) => {
      const expected = logits[side].map((_, k) => {
        const at = (step: number) => {
          const moved = logits.map((z, i) => z.map((value, j) => i === side && j === k ? value + step : value));
          return referenceMixture(moved.map(logSoftmax), options).reduce((sum, r, i) => sum + r * upstream[i], 0);
        };
        return (at(1e-5) - at(-1e-5)) / 2e-5;
      });
      assertAllClose(gradient, expected, { atol: 2e-5 });
    });
  }
});

Deno.test("alphaMixture() has finite gradients at logits of ±100", () => {
  fc.assert(
    fc.property(
      logDistribution({ scale: 100 }),
      logDistribution({ scale: 100 }),
      fc.constantFrom(...ALPHAS),
      (p, q, alpha) => {
        const loss = (p: tf.Tensor, q: tf.Tensor) => tf.sum(alphaMixture(p, q, { alpha, lambda: 0.3 }));
        return tf.tidy(() =>
          tf.grads(loss)([tf.tensor1d(p), tf.tensor1d(q)]).every((g) => g.dataSync().every(Number.isFinite))
        );
      },
    ),
  );
});

Deno.test("alphaMixture() broadcasts, and sums the gradient over what it repeated", () => {
  const p = tf.tensor1d(logSoftmax([1, 2, 3]));
  const q = tf.tensor3d([logSoftmax([0, 0, 1]), logSoftmax([2, 0, 0])].flat(), [2, 1, 3]);
  const options = { alpha: 0.5, lambda: 0.5 };
  const loss = (p: tf.Tensor, q: tf.Tensor) => tf.sum(tf.square(alphaMixture(p, q, options)));
  const [ofP, ofQ] = tf.grads(loss)([p, q]);
  const [ofRepeated, sameQ] = tf.grads(loss)([tf.tile(tf.reshape(p, [1, 1, 3]), [2, 1, 1]), q]);
  assertAllClose(ofP, tf.sum(ofRepeated, [0, 1]));
  assertAllClose(ofQ, sameQ);
});

Deno.test("alphaMixture() leaves nothing behind", () => {
  const [p, q] = [tf.tensor1d(logSoftmax([1, 2, 3])), tf.tensor1d(logSoftmax([3, 2, 0]))];
  const before = tf.memory().numTensors;
  for (const alpha of ALPHAS) alphaMixture(p, q, { alpha, lambda: 0.3 }).dispose();
  assert(tf.memory().numTensors === before);
});

Deno.test("assistantWeight() is the derivative's share, fading where the teacher is surer for α < 1", () => {
  const [p, q] = [tf.log([0.9, 0.1]), tf.log([0.1, 0.9])];
  const weight = (alpha: number, lambda = 0.5) => assistantWeight(p, q, { alpha, lambda });
  assertAllClose(weight(ARITHMETIC), [0.1, 0.9]);
  assertAllClose(weight(GEOMETRIC, 0.3), [0.7, 0.7]);
  assertAllClose(weight(HARMONIC), [0.9, 0.1]);
  assertAllClose(weight(LARGER), [0, 1]);
  assertAllClose(assistantWeight(p, p, { alpha: SMALLER, lambda: 0.3 }), [0.7, 0.7]);
});

Deno.test("alphaMixture() refuses a weight outside 0..1, an order that is not a number, vocabularies that differ", () => {
  const [p, q] = [tf.log([0.5, 0.5]), tf.log([0.2, 0.3, 0.5])];
  assertThrows(() => alphaMixture(p, p, { alpha: 0, lambda: 1.5 }), RangeError, "current value is 1.5");
  assertThrows(() => alphaMixture(p, p, { alpha: 0, lambda: NaN }), RangeError, "lambda must be in 0..1");
  assertThrows(() => alphaMixture(p, p, { alpha: NaN, lambda: 1 }), RangeError, "alpha");
  assertThrows(() => alphaMixture(p, p, { alpha: "1" as unknown as number, lambda: 1 }), TypeError, "alpha");
  assertThrows(() => alphaMixture(p, q, { alpha: 0, lambda: 0.5 }), RangeError, "current shapes are [2] and [3]");
});

function generator(seed: number): () => number {
  return () => (seed = (seed * 48271) % 2147483647) / 2147483647;
}
const sample = (size: number, draw: () => number): number[] => Array.from({ length: size }, draw);
const rows = (size: number, draw: () => number[]): number[][] => Array.from({ length: size }, draw);
const float32 = (x: number[]): number[] => [...new Float32Array(x)];
