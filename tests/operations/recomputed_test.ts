import * as tf from "@tensorflow/tfjs-core";
import { useEngine } from "../../lib/engines/mod.ts";
import { Recorded } from "../../lib/operations/recorded.ts";
import { recomputed } from "../../lib/operations/recomputed.ts";
import { assert, assertAllClose, assertEquals, assertThrows } from "../support/mod.ts";

await useEngine("wasm");

/** Two layers of a small net, each computed again where that is asked for; one constant is freed on the way. */
function net({ again, weights, x }: { again: boolean; weights: tf.Tensor[]; x: tf.Tensor }): tf.Tensor {
  const parameters = new Set(weights);
  return weights.reduce((x, weight) => {
    const mask = tf.tensor2d([[1, 0, 2], [0.5, 1, 1]]);
    const layer = (x: tf.Tensor, { mask }: { mask: tf.Tensor }) =>
      tf.add(x, tf.tanh(tf.mul(mask, tf.matMul(x as tf.Tensor2D, weight as tf.Tensor2D))));
    const y = again ? recomputed(layer, x, { parameters, constants: { mask } }) : layer(x, { mask });
    mask.dispose();
    return y;
  }, x);
}

const numbersOf = (tensors: Iterable<tf.Tensor>) => [...tensors].map((tensor) => [...tensor.dataSync()]);
const random = (seed: number, shape: [number, number]) => tf.randomNormal(shape, 0, 1, "float32", seed);

Deno.test("recomputed() has the value and the gradients, bit for bit, of what is kept", () => {
  const weights = [1, 2, 3].map((seed) => tf.variable(random(seed, [3, 3]) as tf.Tensor));
  const x = random(4, [2, 3]);
  const of = (again: boolean) => {
    const recorded = new Recorded(() => net({ again, weights, x }));
    const gradients = recorded.gradients(recorded.value, [...weights, x]);
    return numbersOf([recorded.value, ...[...weights, x].map(({ id }) => gradients.get(id)!)]);
  };
  assertEquals(of(true), of(false));
});

Deno.test("recomputed() works in tensorflow.js's own gradients", () => {
  const weights = [1, 2].map((seed) => tf.variable(random(seed, [3, 3]) as tf.Tensor));
  const x = random(4, [2, 3]);
  const before = tf.memory().numTensors;
  const of = (again: boolean) => {
    const { value, grads } = tf.variableGrads(() => tf.sum(net({ again, weights, x })) as tf.Scalar, weights);
    const numbers = numbersOf([value, ...weights.map(({ name }) => grads[name])]);
    tf.dispose([value, ...Object.values(grads)]);
    return numbers;
  };
  const [actual, expected] = [of(true), of(false)];
  actual.forEach((numbers, i) => assertAllClose(numbers, expected[i], { atol: 1e-6, rtol: 1e-6 }));
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("recomputed() just computes where nothing is recorded, and computes twice where it is", () => {
  let count = 0;
  const square = (x: tf.Tensor) => {
    count++;
    return tf.square(x);
  };
  const x = tf.tensor1d([1, 2]);
  const options = { parameters: new Set<tf.Tensor>(), constants: {} };
  const before = tf.memory().numTensors;
  const value = recomputed(square, x, options);
  assertEquals([count, tf.memory().numTensors], [1, before + 1]);
  value.dispose();
  const recorded = new Recorded(() => recomputed(square, x, options));
  assertEquals(count, 2);
  const dy = tf.onesLike(x);
  const gradient = recorded.gradients(dy, [x]).get(x.id)!;
  assertEquals([count, ...gradient.dataSync()], [3, 2, 4]);
  tf.dispose([recorded.value, gradient, dy]);
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("recomputed() leaves no tensor behind, whether the gradient is taken, asks for less, or is never taken", () => {
  const weights = [1, 2].map((seed) => tf.variable(random(seed, [3, 3]) as tf.Tensor));
  const x = random(4, [2, 3]);
  const before = tf.memory().numTensors;
  for (const sources of [[...weights, x], [weights[0]], [x], []]) {
    const recorded = new Recorded(() => net({ again: true, weights, x }));
    const gradients = recorded.gradients(recorded.value, sources);
    assertEquals([...gradients.keys()].sort(), sources.map(({ id }) => id).sort());
    tf.dispose([recorded.value, ...gradients.values()]);
    assertEquals(tf.memory().numTensors, before);
  }
  const recorded = new Recorded(() => net({ again: true, weights, x }));
  recorded.dispose();
  recorded.value.dispose();
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("recomputed() gives a parameter that the value does not depend on no part in it", () => {
  const [used, idle] = [tf.variable(tf.scalar(3)), tf.variable(tf.scalar(5))];
  const x = tf.scalar(2);
  const options = { parameters: new Set<tf.Tensor>([used, idle]), constants: {} };
  const recorded = new Recorded(() => recomputed((x) => tf.mul(x, used), x, options));
  const gradients = recorded.gradients(tf.scalar(1), [used, idle, x]);
  assertEquals([used, idle, x].map(({ id }) => gradients.get(id)?.dataSync()[0]), [2, undefined, 3]);
});

Deno.test("recomputed() leaves the tape as it was where the computation fails", () => {
  const x = tf.scalar(2);
  const before = tf.memory().numTensors;
  const failing = () => {
    throw new RangeError("no");
  };
  const options = { parameters: new Set<tf.Tensor>(), constants: {} };
  assertThrows(() => new Recorded(() => recomputed(failing, x, options)), RangeError, "no");
  assertEquals(tf.memory().numTensors, before);
  const recorded = new Recorded(() => tf.square(x));
  assertEquals([...recorded.gradients(tf.scalar(1), [x]).get(x.id)!.dataSync()], [4]);
});

Deno.test("recomputed() needs less memory at its peak than what is kept", async () => {
  const weights = Array.from({ length: 6 }, (_, seed) => tf.variable(random(seed, [16, 16]) as tf.Tensor));
  const x = random(4, [64, 16]);
  const layer = (x: tf.Tensor, weight: tf.Tensor) => {
    let y = x;
    for (let i = 0; i < 6; i++) y = tf.tanh(y);
    return tf.matMul(y as tf.Tensor2D, weight as tf.Tensor2D);
  };
  const peak = async (again: boolean) => {
    const parameters = new Set<tf.Tensor>(weights);
    const run = () => {
      const recorded = new Recorded(() =>
        weights.reduce<tf.Tensor>(
          (x, weight) =>
            again
              ? recomputed((x) => layer(x, weight), x, { parameters, constants: {} })
              : tf.tidy(() => layer(x, weight)),
          x,
        )
      );
      tf.dispose([...recorded.gradients(recorded.value, weights).values()]);
      recorded.value.dispose();
      return x;
    };
    const before = tf.memory().numBytes;
    return (await tf.profile(run)).peakBytes - before;
  };
  const [kept, again] = [await peak(false), await peak(true)];
  assert(again < 0.6 * kept, `${again} bytes instead of ${kept}`);
});
