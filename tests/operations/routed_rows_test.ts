import * as tf from "@tensorflow/tfjs-core";
import { useEngine } from "../../lib/engines/mod.ts";
import { chooseExperts, routeWeights } from "../../lib/models/blocks/expert_routes.ts";
import { fromExperts, groupedLinear, sinkSoftmax, toExperts } from "../../lib/operations/mod.ts";
import { assertAllClose, assertEquals, assertThrows } from "../support/mod.ts";

await useEngine("cpu");

const normal = (shape: number[], seed: number) => tf.randomNormal(shape, 0, 1, "float32", seed);

Deno.test("chooseExperts() takes the largest logits, the first of equal ones, and orders routes by expert", () => {
  const logits = tf.tensor2d([[1, 3, 2, 3], [9, -1, 9, 9], [-Infinity, -5, -4, -Infinity]]);
  const { experts, loads, order, inverse } = chooseExperts(logits, 2);
  assertEquals([...experts], [1, 3, 0, 2, 2, 1]);
  assertEquals(loads, [1, 2, 2, 1]);
  assertEquals([...order.dataSync()], [2, 0, 5, 3, 4, 1]);
  assertEquals([...inverse.dataSync()], [1, 5, 0, 3, 4, 2]);
  assertThrows(() => chooseExperts(tf.tensor2d([[0, NaN]]), 1), RangeError, "the logit of expert 1 is NaN");
});

Deno.test("routeWeights() returns probabilities among all experts, or among those that were chosen", () => {
  const logits = normal([5, 4], 1) as tf.Tensor2D;
  const routes = chooseExperts(logits, 2);
  const [all, chosen] = [false, true].map((normalized) => routeWeights(logits, routes, { normalized }).arraySync());
  const rows = logits.arraySync();
  rows.forEach((row, position) => {
    const exponentials = row.map(Math.exp);
    const total = exponentials.reduce((sum, one) => sum + one, 0);
    const [a, b] = exponentials.toSorted((a, b) => b - a);
    assertAllClose(all[position], [a / total, b / total]);
    assertAllClose(chosen[position], [a / (a + b), b / (a + b)]);
  });
});

Deno.test("toExperts() and fromExperts() pick the rows of routes, with the gradients of a gather", () => {
  const routes = chooseExperts(normal([6, 4], 2) as tf.Tensor2D, 3);
  const x = normal([6, 5], 3), dy = normal([6, 3, 5], 4);
  const positions = tf.tensor1d(Array.from(routes.order.dataSync(), (route) => Math.floor(route / 3)), "int32");
  const plain = (x: tf.Tensor) => {
    const spread = tf.gather(x, positions);
    return tf.reshape(tf.gather(tf.tanh(spread), routes.inverse), [6, 3, 5]);
  };
  const routed = (x: tf.Tensor) => fromExperts(tf.tanh(toExperts(x, routes)), routes);
  assertAllClose(routed(x), plain(x), { atol: 0, rtol: 0 });
  assertAllClose(tf.grad(routed)(x, dy), tf.grad(plain)(x, dy), { atol: 1e-6 });
});

Deno.test("groupedLinear() maps each group by its own matrix, with the gradients of autodiff, a group without rows too", () => {
  const loads = [2, 0, 3, 1];
  const [x, weight, bias, dy] = [[6, 3], [4, 3, 5], [4, 5], [6, 5]].map((shape, i) => normal(shape, i + 5));
  const grouped = (x: tf.Tensor, weight: tf.Tensor, bias: tf.Tensor) => groupedLinear(x, { weight, bias, loads });
  const groups = loads.flatMap((load, group) => Array<number>(load).fill(group));
  const plain = (x: tf.Tensor, weight: tf.Tensor, bias: tf.Tensor) =>
    tf.concat(groups.map((group, row) => {
      const matrix = tf.reshape(tf.slice(weight, [group, 0, 0], [1, 3, 5]), [3, 5]);
      return tf.add(tf.matMul(tf.slice(x, [row, 0], [1, 3]), matrix), tf.slice(bias, [group, 0], [1, 5]));
    }));
  assertAllClose(grouped(x, weight, bias), plain(x, weight, bias), { atol: 1e-6 });
  const [ours, theirs] = [grouped, plain].map((map) => tf.grads(map)([x, weight, bias], dy));
  ours.forEach((gradient, i) => assertAllClose(gradient, theirs[i], { atol: 1e-5 }));
  assertThrows(
    () => groupedLinear(x, { weight, bias, loads: [6, 0, 1, 0] }),
    RangeError,
    "add up to 6, current sum is 7",
  );
});

Deno.test("sinkSoftmax() leaves a sink its share, and is the softmax without one", () => {
  const scores = normal([2, 3, 4, 5], 9), sinks = normal([1, 3, 1, 1], 10);
  const values = scores.arraySync() as number[][][][];
  const heads = (sinks.arraySync() as number[][][][])[0].map(([[sink]]) => sink);
  const expected = values.map((row) =>
    row.map((head, h) =>
      head.map((scores) => {
        const total = scores.reduce((sum, score) => sum + Math.exp(score), Math.exp(heads[h]));
        return scores.map((score) => Math.exp(score) / total);
      })
    )
  );
  assertAllClose(sinkSoftmax(scores, sinks), expected.flat(3));
  assertAllClose(sinkSoftmax(scores), tf.softmax(scores), { atol: 0, rtol: 0 });
  const large = sinkSoftmax(tf.mul(scores, 1e4), tf.fill([1, 3, 1, 1], 1e6));
  assertAllClose(large, new Array(120).fill(0));
});
