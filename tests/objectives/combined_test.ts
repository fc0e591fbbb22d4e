import * as tf from "@tensorflow/tfjs-core";
import { useEngine } from "../../lib/engines/mod.ts";
import { alphaMixture } from "../../lib/assistants/mod.ts";
import { type Divergence, divergence, kl } from "../../lib/divergences/mod.ts";
import { combined, composition, objective, type Order, TokenContext } from "../../lib/objectives/mod.ts";
import { ORDERS } from "../../lib/objectives/composition.ts";
import { assert, assertAllClose, assertEquals, assertThrows } from "../support/mod.ts";

await useEngine("cpu");

const logits = (seed: number) => tf.randomNormal([5, 7], 0, 2, "float32", seed);
const pair = { student: logits(1), teacher: logits(2), reference: logits(3) };
const mixture = { alpha: 0.3, lambda: 0.2 };

/** The triangular discrimination, Σ (x − y)² / (x + y), which the library does not have. */
const triangular: Divergence = {
  name: "triangular",
  partials(x, y) {
    const [gap, sum] = [tf.sub(x.probs, y.probs), tf.add(tf.add(x.probs, y.probs), 1e-20)];
    const slope = (own: tf.Tensor, other: tf.Tensor, sign: number) =>
      tf.mul(own, tf.div(tf.mul(tf.mul(gap, sign), tf.add(own, tf.mul(other, 3))), tf.square(sum)));
    const values = tf.sum(tf.div(tf.square(gap), sum), -1);
    return { values, dx: slope(x.probs, y.probs, 1), dy: slope(y.probs, x.probs, -1) };
  },
};
const plainTriangular = (x: tf.Tensor, y: tf.Tensor): tf.Tensor => {
  const [p, q] = [tf.exp(x), tf.exp(y)];
  return tf.sum(tf.div(tf.square(tf.sub(p, q)), tf.add(p, q)), -1);
};

Deno.test("combined() of a divergence of your own has the gradient that autodiff finds, in every order", () => {
  for (const order of ORDERS) {
    for (const detach of order.includes("q") ? [false, true] : [false]) {
      const assistant = order.includes("r") ? { ...mixture, detach } : undefined;
      const made = combined("mine", { parts: [composition({ divergence: triangular, order, assistant })] });
      const logP = tf.logSoftmax(pair.teacher), constant = alphaMixture(logP, tf.logSoftmax(pair.student), mixture);
      const plain = (student: tf.Tensor) => {
        const q = tf.logSoftmax(student);
        const r = detach ? constant : alphaMixture(logP, q, mixture);
        const places: Record<string, tf.Tensor> = { p: logP, q, r };
        return tf.sum(plainTriangular(places[order[0]], places[order[1]]));
      };
      const { values, gradient } = made.valueAndGradient!(pair);
      const traced = tf.valueAndGrad(plain)(pair.student);
      assertAllClose(tf.sum(values), traced.value, { rtol: 1e-5 });
      assertAllClose(gradient, traced.grad, { atol: 1e-6, rtol: 1e-4 });
      const through = tf.grad((student) => tf.sum(made.perToken({ ...pair, student })))(pair.student);
      assertAllClose(through, gradient, { atol: 1e-7 });
    }
  }
});

Deno.test("combined() weighs a single part, by numbers, tensors and lists of the tokens, and by the reference", () => {
  const part = composition({ divergence: "kl", order: "pq" });
  const plain = combined("plain", { parts: [part] }).valueAndGradient!(pair);
  const tokens = new TokenContext([{ ids: [0, 1, 2, 3, 4, 5], promptLength: 1 }]);
  const list = tf.tensor1d([0, 1, 2, 3, 4]);
  const ofReference = kl(tf.logSoftmax(pair.reference), tf.logSoftmax(pair.student));
  const cases = [
    { weigh: () => [3], weight: tf.scalar(3) },
    { weigh: () => [list], weight: list },
    { weigh: (_: unknown, { tokens }: { tokens?: TokenContext }) => [tokens!.positions], weight: list },
  ];
  for (const { weigh, weight } of cases) {
    const weighed = combined("weighed", { parts: [part], weigh }).valueAndGradient!({ ...pair, tokens });
    assertAllClose(weighed.values, tf.mul(plain.values, weight));
    assertAllClose(weighed.gradient, tf.mul(plain.gradient, tf.expandDims(weight, -1)));
  }
  const byReference = combined("by the reference", {
    parts: [part],
    needs: { reference: true },
    weigh: (
      _,
      { student, reference },
    ) => [divergence("kl").partials(reference!, student, { x: false, y: false }).values],
  });
  assertEquals(byReference.needs, { reference: true });
  assertAllClose(byReference.perToken(pair), tf.mul(plain.values, ofReference));
});

Deno.test("combined() is known to an engine's kernel by the data of its divergence, not by a name", () => {
  const specified = (divergence: Divergence, weigh?: () => number[]) =>
    combined("kl", { parts: [composition({ divergence, order: "pr", assistant: mixture })], weigh }).specification;
  const assistant = { ...mixture, detach: false };
  const known = { order: "pr", assistant };
  assertEquals(specified({ ...divergence("kl"), name: "mine" }), { divergence: { name: "kl" }, ...known });
  assertEquals(specified({ ...triangular, name: "kl" }), undefined);
  assertEquals(specified({ ...triangular, name: "alpha-beta", parameters: { alpha: 1, beta: 0 } }), undefined);
  // The kernel knows no weights.
  assertEquals(specified(divergence("kl"), () => [2]), undefined);
  const alphaBeta = { name: "alpha-beta" as const, alpha: 0.2, beta: 0.7 };
  assertEquals(specified(divergence(alphaBeta)), { divergence: alphaBeta, ...known });
  // Members of a family that the kernel knows are known.
  assertEquals(specified(divergence({ name: "amari", alpha: 0.5 }))!.divergence, {
    name: "alpha-beta",
    alpha: 0.25,
    beta: 0.75,
  });
  assertEquals(specified(divergence({ name: "renyi", order: 1 }))!.divergence, { name: "kl" });
  assertEquals(specified(divergence({ name: "renyi", order: 2 })), undefined);
});

Deno.test("combined() sets the mixture of its parts, and nothing else", () => {
  const made = combined("mine", { parts: [composition({ divergence: triangular, order: "pr", assistant: mixture })] });
  const again = made.withMixture!({ lambda: 0.7 });
  const expected = combined("mine", {
    parts: [composition({ divergence: triangular, order: "pr", assistant: { ...mixture, lambda: 0.7 } })],
  });
  assertEquals(again.recipe, expected.recipe);
  assertAllClose(again.perToken(pair), expected.perToken(pair));
  assertThrows(() => made.withMixture!({ lambda: 2 }), RangeError, "lambda must be in 0..1");
  assertEquals(combined("mine", { parts: [composition({ divergence: "kl", order: "pq" })] }).withMixture, undefined);
});

Deno.test("composition() and combined() name what is invalid", () => {
  const composed = (order: string, assistant?: object) => () =>
    composition({ divergence: "kl", order: order as Order, assistant: assistant as typeof mixture });
  assertThrows(composed("pr"), RangeError, "the order pr names an assistant (r), which is not given");
  assertThrows(composed("rr", mixture), RangeError, "order must be one of pr, qr");
  assertThrows(composed("pr", { ...mixture, detach: true }), RangeError, "must name the student (q)");
  assertThrows(composed("pr", { alpha: NaN, lambda: 0.1 }), RangeError, "alpha");
  assertThrows(() => composition({ divergence: "kll" as "kl", order: "pq" }), RangeError, "its name must be one of kl");
  const part = composition({ divergence: "kl", order: "pq" });
  assertThrows(() => combined("mine", { parts: [] }), RangeError, "at least one part is needed");
  assertThrows(() => combined("mine", { parts: [part, part] }), RangeError, "2 parts need the option weigh");
  assert(objective("amid").specification);
});
