/** The numerical statements of the notebooks 01 and 02. */
import * as tf from "@tensorflow/tfjs-core";
import { assistantFloat64 } from "../../lib/analysis/assistant_float64.ts";
import { continuityAtOne } from "../../lib/analysis/continuity.ts";
import { gradientProfile } from "../../lib/analysis/gradient_profile.ts";
import { klGradient } from "../../lib/analysis/kl_gradient.ts";
import { leastDivergence } from "../../lib/analysis/least_divergence.ts";
import { assistantsOf } from "../../lib/analysis/toy_assistants.ts";
import { toyPair } from "../../lib/analysis/toys.ts";
import { tracedGradient } from "../../lib/analysis/traced_gradient.ts";
import { fitGaussian } from "../../lib/analysis/fit_gaussian.ts";
import { amari } from "../../lib/divergences/amari.ts";
import { useEngine } from "../../lib/engines/mod.ts";
import { objective } from "../../lib/objectives/mod.ts";
import { assert, assertAllClose } from "../support/mod.ts";

await useEngine("cpu");

const alphas = [-5, -3, -1, 0, 0.5, 1, 3, 5];
const lambdas = [0.1, 0.5, 0.9];
const orders = ["pr", "qr", "rp", "rq"] as const;
const probs = (logProbs: readonly number[]) => logProbs.map(Math.exp);

Deno.test("leastDivergence() finds the assistant of the formula, to 1e-4", () => {
  for (const name of ["gaussians", "mixtures"] as const) {
    const pair = toyPair(name, { count: 61 });
    for (const { alpha, lambda, logProbs } of assistantsOf(pair, { alphas, lambdas })) {
      assertAllClose(leastDivergence(pair, { alpha, lambda }).probs, probs(logProbs), { atol: 1e-4, rtol: 0 });
    }
  }
});

Deno.test("amari() is not less around the assistant than at it", () => {
  const pair = toyPair("mixtures", { count: 21 });
  const [p, q] = [tf.tensor1d([...pair.teacher]), tf.tensor1d([...pair.student])];
  for (const alpha of [-3, -1, 0, 1, 3]) {
    const valueAt = (r: tf.Tensor) =>
      tf.add(tf.mul(0.3, amari(p, r, { alpha })), tf.mul(0.7, amari(q, r, { alpha }))).dataSync()[0];
    const logR = tf.tensor1d(assistantFloat64(pair, { alpha, lambda: 0.3 }).logProbs);
    for (let seed = 1; seed <= 5; seed++) {
      const noise = tf.randomNormal([21], 0, 0.3, "float32", seed);
      assert(valueAt(tf.logSoftmax(tf.add(logR, noise))) > valueAt(logR), `α = ${alpha}, seed ${seed}`);
    }
  }
});

Deno.test("klGradient() equals automatic differentiation and the library's closed form, to 1e-5", () => {
  const pair = toyPair("mixtures", { count: 41 });
  const tensors = { teacher: tf.tensor1d([...pair.teacher]), student: tf.tensor1d([...pair.student]) };
  for (const order of orders) {
    for (const alpha of [-3, -1, 0, 0.5, 1, 2]) {
      const options = { order, alpha, lambda: 0.3 };
      const { value, gradient } = klGradient(pair, options);
      assertAllClose(tracedGradient(pair, options).gradient, gradient, { atol: 1e-5, rtol: 1e-5 });
      const library = objective("amid", { divergence: "kl", ...options }).valueAndGradient!(tensors);
      assertAllClose(library.gradient, gradient, { atol: 1e-5, rtol: 1e-5 });
      assertAllClose(library.values, value, { atol: 1e-5, rtol: 1e-4 });
    }
  }
});

Deno.test("alphaMixture() goes to the geometric mean as α goes to 1, from both sides, in proportion to |α − 1|", () => {
  const points = continuityAtOne(toyPair("mixtures"), { distances: [1e-4, 1e-3, 1e-2], lambda: 0.5 });
  for (const { offset, distance, exact } of points) {
    assert(distance <= 3e-3 * Math.abs(offset) + 1e-7, `distance ${distance} at α − 1 = ${offset}`);
    assertAllClose(distance, exact, { atol: 1e-7, rtol: 1e-2 });
  }
});

Deno.test("alphaMixture() has the union of the supports for α < 1 and their intersection from α = 1 on", () => {
  const pair = toyPair("humps");
  const [inP, inQ] = [pair.teacher, pair.student].map((logProbs) => logProbs.map((value) => value > -Infinity));
  for (const { alpha, logProbs } of assistantsOf(pair, { alphas: [-5, -1, 0, 0.9, 1, 1.5, 5], lambdas: [0.5] })) {
    logProbs.forEach((value, i) => {
      const expected = alpha < 1 ? inP[i] || inQ[i] : inP[i] && inQ[i];
      assert(value > -Infinity === expected, `α = ${alpha}, x = ${pair.points[i]}`);
    });
  }
});

Deno.test("assistantFloat64() equals alphaMixture(), supports and the limits at ±∞ included", () => {
  for (const name of ["gaussians", "mixtures", "humps"] as const) {
    const pair = toyPair(name, { count: 51 });
    for (
      const { alpha, lambda, logProbs } of assistantsOf(pair, { alphas: [-Infinity, ...alphas, Infinity], lambdas })
    ) {
      assertAllClose(probs(assistantFloat64(pair, { alpha, lambda }).logProbs), probs(logProbs), { atol: 1e-6 });
    }
  }
});

Deno.test("fitGaussian() seeks a mode of the teacher or covers both, by order and α", () => {
  const pair = toyPair("mixtures", { count: 121 });
  const start = { mean: 0.3, deviation: 1.6 };
  const deviation = (order: typeof orders[number], alpha: number) =>
    fitGaussian({ ...pair, order, alpha, lambda: 0.5, start, steps: 300 }).at(-1)!.deviation;
  for (const order of ["pr", "rp"] as const) {
    assert(deviation(order, -5) < 1 && deviation(order, 5) > 2, `D(${order})`);
  }
  for (const order of ["qr", "rq"] as const) {
    assert(deviation(order, -5) > 2 && deviation(order, 5) < 1, `D(${order})`);
  }
});

Deno.test("gradientProfile() finds D(p‖r) at λ = 0.9 small between α = 0 and 1, and turned away beyond", () => {
  const places = [toyPair("gaussians", { count: 41 }), toyPair("mixtures", { count: 41 })];
  const [low, high] = gradientProfile(places, { order: "pr", alphas: [0, 5], lambdas: [0.9] });
  assert(low.norm < high.norm && low.forward > high.forward);
});
