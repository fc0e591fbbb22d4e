/** Tokens that neither model can have: objectives are what they are without them. */
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { objective, objectives, type Order } from "../../lib/objectives/mod.ts";
import { referenceDivergences } from "../divergences/reference.ts";
import { testOnEngines } from "../engines/on_engines.ts";
import { assertAllClose } from "../support/mod.ts";

const logits = fc.array(fc.double({ min: -8, max: 8, noNaN: true }), { minLength: 5, maxLength: 5 });
const alphas = fc.oneof(fc.constantFrom(-Infinity, -1, 0.97, 1, 1.03, 3, Infinity), fc.double({ min: -6, max: 6 }));
const lambdas = fc.oneof(fc.constant(0.83), fc.double({ min: 0.01, max: 0.99, noNaN: true }));
const orders = fc.constantFrom<Order>("pr", "qr", "rp", "rq", "pq", "qp");

/** A value and its gradient in the student's logits, some of which are those of tokens that are not there. */
function valueOf(
  name: { perToken: ReturnType<typeof objective>["perToken"] },
  pair: { p: number[]; q: number[] },
  more: number,
) {
  const padded = (list: number[]) => tf.tensor2d([[...list, ...Array(more).fill(-Infinity)]]);
  return tf.tidy(() => {
    const [teacher, student] = [padded(pair.p), padded(pair.q)];
    const loss = (student: tf.Tensor) => tf.sum(name.perToken({ student, teacher }));
    const { value, grad } = tf.valueAndGrad(loss)(student);
    return { value: value.dataSync()[0], gradient: [...grad.dataSync()] };
  });
}

testOnEngines(
  "objectives have the values and gradients that they have without tokens that neither model can have",
  () => {
    const check = (one: ReturnType<typeof objective>, pair: { p: number[]; q: number[] }) => {
      const [found, expected] = [valueOf(one, pair, 3), valueOf(one, pair, 0)];
      assertAllClose(found.value, expected.value, { atol: 2e-5, rtol: 1e-4 });
      const scale = Math.max(...expected.gradient.map(Math.abs), 1);
      assertAllClose(found.gradient, [...expected.gradient, 0, 0, 0], { atol: 2e-4 * scale, rtol: 1e-3 });
    };
    for (const [divergence] of referenceDivergences) {
      const property = fc.property(logits, logits, alphas, lambdas, orders, (p, q, alpha, lambda, order) => {
        fc.pre(!Number.isNaN(alpha));
        check(objective("amid", { divergence, order, alpha, lambda }), { p, q });
      });
      fc.assert(property, { numRuns: 12 });
    }
    for (const name of objectives()) {
      if (objective(name).needs?.reference) continue;
      fc.assert(fc.property(logits, logits, (p, q) => check(objective(name), { p, q })), { numRuns: 5 });
    }
  },
);
