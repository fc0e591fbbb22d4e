import * as tf from "@tensorflow/tfjs-core";
import { assert, assertAllClose, assertEquals } from "../support/mod.ts";
import { useEngine } from "../../lib/engines/mod.ts";
import {
  type AmidOptions,
  maskedMean,
  type Objective,
  objective,
  objectives,
  objectiveSource,
  type Order,
} from "../../lib/objectives/mod.ts";
import { alphaBeta, jensenShannon, kl } from "../../lib/divergences/mod.ts";

await useEngine("wasm");

const ORDERS: Order[] = ["pr", "qr", "rp", "rq", "pq", "qp"];
const pair = {
  student: tf.tensor3d([0.3, -1, 2, 0.1, 1, 0, -2, 0.5, 0.4, 3, -1, 0, 2, 2.5, -0.7, -1], [2, 2, 4]),
  teacher: tf.tensor3d([1, 0.2, -1, 0.7, 2, -1, -1, 0.3, 0, 1, -2, 1.5, 0.1, 2, 0.6, -3], [2, 2, 4]),
};
const [logP, logQ] = [tf.logSoftmax(pair.teacher), tf.logSoftmax(pair.student)];

/** The two objectives have the same values and gradients. */
function assertSame(one: Objective, other: Objective, tolerance = {}): void {
  const [a, b] = [one, other].map((each) => each.valueAndGradient!(pair));
  assertAllClose(a.values, b.values, tolerance);
  assertAllClose(a.gradient, b.gradient, tolerance);
}

/** Values and gradient of an objective equal those that tensorflow.js derives from a plain composition. */
function assertTraced(one: Objective, plain: (q: tf.Tensor) => tf.Tensor): void {
  const weights = tf.tensor2d([0.5, 2, -1, 1], [2, 2]);
  const traced = tf.valueAndGrad((student: tf.Tensor) => tf.sum(tf.mul(plain(student), weights)))(pair.student);
  const { values, gradient } = one.valueAndGradient!(pair);
  assertAllClose(tf.sum(tf.mul(values, weights)), traced.value);
  assertAllClose(tf.mul(gradient, tf.expandDims(weights, -1)), traced.grad);
  const perToken = (student: tf.Tensor) => tf.sum(tf.mul(one.perToken({ ...pair, student }), weights));
  assertAllClose(tf.grad(perToken)(pair.student), traced.grad);
}

const plainKl = (x: tf.Tensor, y: tf.Tensor): tf.Tensor => tf.sum(tf.mul(tf.exp(x), tf.sub(x, y)), -1);
const plainMixture = (student: tf.Tensor, e: number, lambda: number): tf.Tensor => {
  const [p, q] = [tf.exp(logP), tf.softmax(student)];
  const mean = tf.add(tf.mul(tf.pow(p, e), lambda), tf.mul(tf.pow(q, e), 1 - lambda));
  return tf.logSoftmax(tf.div(tf.log(mean), e));
};

Deno.test("objectives() names every preset, each with its source", () => {
  assertEquals(objectives(), [
    "amid",
    "forward-kl",
    "reverse-kl",
    "jensen-shannon",
    "skewed-forward-kl",
    "skewed-reverse-kl",

    "total-variation",
    "adaptive-kl",
    "balanced",
    "wsd",
    "alpha-beta",
    "alphanet",
    "gkd",
    "distillm",
    "taid",
    "abkd",
  ]);
  for (const name of objectives()) assert(/\d{4}$/.test(objectiveSource(name)), name);
});

for (const order of ORDERS) {
  Deno.test(`objective("amid") of order ${order} has the gradient that autodiff finds`, () => {
    for (const alpha of [-4, 0.5, 2.5]) {
      for (const detachAssistant of order.includes("q") ? [false, true] : [false]) {
        const amid = objective("amid", { order, alpha, lambda: 0.3, detachAssistant });
        const constant = plainMixture(pair.student, (1 - alpha) / 2, 0.3);
        assertTraced(amid, (student) => {
          const r = detachAssistant ? constant : plainMixture(student, (1 - alpha) / 2, 0.3);
          const places: Record<string, tf.Tensor> = { p: logP, q: tf.logSoftmax(student), r };
          return plainKl(places[order[0]], places[order[1]]);
        });
      }
    }
  });
}

Deno.test("objective() has the gradient that autodiff finds, for weighted objectives", () => {
  const [p, q] = [tf.exp(logP), tf.exp(logQ)];
  const both = (forward: number | tf.Tensor, reverse: number | tf.Tensor) => (student: tf.Tensor) => {
    const q = tf.logSoftmax(student);
    return tf.add(tf.mul(plainKl(logP, q), forward), tf.mul(plainKl(q, logP), reverse));
  };
  assertTraced(objective("wsd", { weight: 0.3 }), both(0.7, 0.3));
  const entropies = [[p, logP], [q, logQ]].map(([x, log]) => tf.neg(tf.sum(tf.mul(x, log), -1)));
  const first = tf.cast(tf.greater(entropies[0], entropies[1]), "float32");
  assertTraced(objective("balanced"), both(tf.add(first, 1), tf.sub(2, first)));
  assertTraced(objective("adaptive-kl", { mu: 0.9 }), both(...headShares(0.9)));
  const values = [[2, -1], [0.5, 0.5]].map(([alpha, beta]) => alphaBeta(logP, logQ, { alpha, beta }));
  assertAllClose(objective("alphanet", { alpha: 2, beta: 0.5 }).perToken(pair), tf.maximum(values[0], values[1]));
});

/** g and 1 − g, counted out in plain numbers. */
function headShares(mu: number): [tf.Tensor, tf.Tensor] {
  const [ps, qs] = [logP, logQ].map((x) => tf.reshape(tf.exp(x), [-1, 4]).arraySync() as number[][]);
  const shares = ps.map((p, i) => {
    const ranked = p.map((value, k) => ({ value, gap: Math.abs(value - qs[i][k]) })).sort((a, b) => b.value - a.value);
    let [mass, head, all] = [0, 0, 0];
    ranked.forEach(({ value, gap }, rank) => {
      mass += value;
      if (rank === 0 || mass <= mu) head += gap;
      all += gap;
    });
    return head / all;
  });
  const share = tf.tensor2d(shares, [2, 2]);
  return [share, tf.sub(1, share)];
}

Deno.test("objective() agrees with the divergences on log-probabilities", () => {
  assertAllClose(objective("forward-kl").perToken(pair), kl(logP, logQ));
  assertAllClose(objective("reverse-kl").perToken(pair), kl(logQ, logP));
  assertAllClose(objective("jensen-shannon", { beta: 0.2 }).perToken(pair), jensenShannon(logP, logQ, { beta: 0.2 }));
  const parameters = { alpha: 0.3, beta: 0.4 };
  assertAllClose(objective("alpha-beta", parameters).perToken(pair), alphaBeta(logP, logQ, parameters));
});

Deno.test("objective() reduces each preset to a known member", () => {
  const amid = (options: AmidOptions) => objective("amid", options);
  const forward = objective("forward-kl");
  const reverse = objective("reverse-kl");
  assertSame(amid({ alpha: -1, lambda: 0.2, order: "pr" }), objective("skewed-forward-kl", { skew: 0.2 }));
  assertSame(amid({ alpha: -1, lambda: 0.2, order: "qr" }), objective("skewed-reverse-kl", { skew: 0.8 }));
  assertSame(amid({ alpha: 1, lambda: 0.4, order: "rq", detachAssistant: true }), objective("taid"));
  for (const alpha of [-Infinity, -1, 1, 3, Infinity]) {
    assertSame(amid({ alpha, lambda: 0, order: "pr" }), forward);
    assertSame(amid({ alpha, lambda: 1, order: "qr" }), reverse);
    assertSame(amid({ alpha, order: "pq" }), forward);
  }
  assertSame(amid({ order: "pq", divergence: { name: "alpha-beta", alpha: 0.2, beta: 0.7 } }), objective("abkd"));
  assertSame(amid({ order: "pq", divergence: "total-variation" }), objective("total-variation"));
  assertSame(amid({ order: "pq", divergence: { name: "jensen-shannon", beta: 0.3 } }), objective("gkd", { beta: 0.3 }));
  assertSame(objective("gkd", { beta: 0.3 }), objective("jensen-shannon", { beta: 0.3 }));
  assertSame(objective("distillm", { skew: 0.1 }), objective("skewed-forward-kl", { skew: 0.1 }));
  assertSame(objective("skewed-forward-kl", { skew: 0 }), forward);
  assertSame(objective("skewed-reverse-kl", { skew: 0 }), reverse);
  assertSame(objective("taid", { lambda: 1 }), forward);
  assertSame(objective("abkd", { alpha: 1, beta: 0 }), forward);
  assertSame(objective("alpha-beta", { alpha: 1, beta: 0 }), forward);
  assertSame(objective("alpha-beta", { alpha: 0, beta: 1 }), reverse);
  assertSame(objective("wsd", { weight: 0 }), forward);
  assertSame(objective("wsd", { weight: 1 }), reverse);
  assertSame(objective("adaptive-kl", { mu: 1 }), forward, { atol: 1e-4 });
  assertSame(objective("alphanet", { alpha: 1, beta: 1 }), forward);
  const same = { student: pair.teacher, teacher: pair.teacher };
  assertAllClose(objective("balanced").valueAndGradient!(same).gradient, tf.zerosLike(pair.teacher));
});

Deno.test("maskedMean() of a mask equals the mean of the subset, in value and gradient", () => {
  const { perToken } = objective("amid", { order: "qr", alpha: 0.3, lambda: 0.6 });
  const mask = tf.tensor2d([1, 0, 0, 1], [2, 2]);
  const masked = tf.valueAndGrad((student: tf.Tensor) => maskedMean(perToken({ ...pair, student }), mask))(
    pair.student,
  );
  const rows = (x: tf.Tensor): tf.Tensor => tf.gather(tf.reshape(x, [4, 4]), [0, 3]);
  const subset = tf.valueAndGrad((student: tf.Tensor) =>
    tf.mean(perToken({ student, teacher: rows(pair.teacher) })) as tf.Scalar
  )(rows(pair.student));
  assertAllClose(masked.value, subset.value);
  assertAllClose(rows(masked.grad), subset.grad);
  assertAllClose(tf.gather(tf.reshape(masked.grad, [4, 4]), [1, 2]), new Array(8).fill(0));
});
