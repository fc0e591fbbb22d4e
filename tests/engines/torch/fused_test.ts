import * as tf from "@tensorflow/tfjs-core";
import { assertAllClose, assertEquals } from "../../support/mod.ts";
import {
  adamW,
  causalAttention,
  gelu,
  globalNorm,
  layerNorm,
  linear,
  packedLength,
} from "../../../lib/operations/mod.ts";
import { assertAgrees, testOnTorch } from "./support.ts";

const random = (shape: number[], seed: number) => tf.randomNormal(shape, 0, 1, "float32", seed);

/** Values of an operation and the gradients of a weighted sum of them, to be the same on both engines. */
async function assertAgreesWithGradients(
  run: (...inputs: tf.Tensor[]) => tf.Tensor,
  inputs: () => tf.Tensor[],
): Promise<void> {
  const weighted = (...inputs: tf.Tensor[]): tf.Scalar => {
    const y = run(...inputs);
    return tf.sum(tf.mul(y, tf.reshape(tf.cos(tf.range(0, y.size)), y.shape)));
  };
  await assertAgrees(() => run(...inputs()), { atol: 3e-6 });
  await assertAgrees(() => tf.grads(weighted)(inputs()), { atol: 1e-5 });
}

testOnTorch("torch's LayerNorm equals the composition, gradients included", () =>
  assertAgreesWithGradients(
    (x, gain, bias) => layerNorm(x, { gain, bias }, { epsilon: 1e-4 }),
    () => [random([5, 7], 1), random([7], 2), random([7], 3)],
  ));

for (const approximate of ["tanh", "none"] as const) {
  testOnTorch(
    `torch's Gelu (${approximate}) equals the composition, gradients included`,
    () => assertAgreesWithGradients((x) => gelu(tf.mul(x, 3), { approximate }), () => [random([5, 7], 1)]),
  );
}

for (const transposeWeight of [false, true]) {
  testOnTorch(
    `torch's Linear equals the composition, weight ${transposeWeight ? "transposed" : "as it is"}`,
    () =>
      assertAgreesWithGradients(
        (x, weight, bias) => linear(x, weight, { bias, transposeWeight }),
        () => [random([5, 7], 1), random(transposeWeight ? [4, 7] : [7, 4], 2), random([4], 3)],
      ),
  );
}

const tree = {
  rowLengths: [4, 6, 7, 3, 5, 6],
  prefixes: [
    { row: 0, length: 0 },
    { row: 0, length: 3 },
    { row: 1, length: 6 },
    { row: 0, length: 0 },
    { row: 2, length: 5 },
    { row: 4, length: 5 },
  ],
};

const attentions = {
  "rows of one length": { rowLengths: [4, 4, 4], heads: 2 },
  "rows of several lengths": { rowLengths: [3, 3, 1, 5], heads: 2 },
  "query heads that share key and value": { rowLengths: [7, 5], heads: 4, keyValueHeads: 2 },
  "a window": { rowLengths: [8, 4], heads: 2, window: 3 },
  "a scale of its own": { rowLengths: [12], heads: 1, scale: 0.2 },
  "a soft cap": { rowLengths: [8, 4], heads: 4, keyValueHeads: 2, softCap: 1.5, window: 5 },
  "a shared prefix": { rowLengths: [7, 8], prefixes: [{ row: 0, length: 0 }, { row: 0, length: 3 }], heads: 2 },
  // 4, 3, 1, 3 and 1 positions of their own; the fifth row is nothing but a prefix.
  "a tree of prefixes": { ...tree, heads: 2 },
  "a tree of prefixes, heads that share key and value": { ...tree, heads: 6, keyValueHeads: 2 },
  "a tree of prefixes, a window": { ...tree, heads: 2, window: 3 },
  "a prefix of a row that attends in parts": {
    rowLengths: [6, 1030],
    prefixes: [{ row: 0, length: 0 }, { row: 0, length: 3 }],
    heads: 1,
  },
  "a tree of prefixes, a soft cap": { ...tree, heads: 4, keyValueHeads: 2, softCap: 1.5, window: 4 },
};

for (const [name, options] of Object.entries(attentions)) {
  testOnTorch(`torch's CausalAttention equals the composition, gradients included: ${name}`, () => {
    const width = 4, { heads, keyValueHeads = heads } = options as { heads: number; keyValueHeads?: number };
    return assertAgreesWithGradients(
      (query, key, value) => causalAttention({ query, key, value }, options),
      () =>
        [heads, keyValueHeads, keyValueHeads].map((count, i) => random([packedLength(options), count * width], i + 1)),
    );
  });
}

testOnTorch(
  "torch's CausalAttention takes queries, keys and values that are parts of one projection",
  () =>
    assertAgreesWithGradients(
      (joint) => {
        const [query, key, value] = tf.split(joint, 3, 1);
        return causalAttention({ query, key, value }, { rowLengths: [5, 2], heads: 2 });
      },
      () => [random([7, 24], 4)],
    ),
);

testOnTorch(
  "torch's GlobalNorm equals the composition",
  () => assertAgrees(() => globalNorm([random([5, 7], 1), random([3], 2), tf.scalar(2)])),
);

testOnTorch("torch's AdamW equals the composition over several steps", () =>
  assertAgrees(() => {
    const make = (fill: (i: number) => tf.Tensor) => [[4, 3], [5]].map((_, i) => tf.variable(fill(i)));
    const parameters = make((i) => random([[4, 3], [5]][i], i + 1)), zeros = (i: number) => tf.zerosLike(parameters[i]);
    const firstMoments = make(zeros), secondMoments = make(zeros);
    for (let step = 1; step <= 3; step++) {
      const gradients = parameters.map((_, i) => random(parameters[i].shape, 10 * step + i));
      const options = { learningRate: 0.01, weightDecay: [0.1, 0], step, gradientScale: 0.5 };
      adamW({ parameters, gradients, firstMoments, secondMoments }, options);
    }
    const results = [...parameters, ...firstMoments, ...secondMoments].map((variable) => variable.clone());
    for (const variable of [...parameters, ...firstMoments, ...secondMoments]) variable.dispose();
    return results;
  }, { atol: 1e-6 }));

testOnTorch("torch's AdamW changes no other tensor that has a parameter's or a gradient's values", () => {
  const start = tf.tensor1d([1, 2]), gradient = tf.tensor1d([3, 4]);
  const parameter = tf.variable(start);
  const moments = [tf.variable(tf.zeros([2])), tf.variable(tf.zeros([2]))];
  const kept = parameter.clone(), keptGradient = gradient.clone();
  const before = tf.memory().numTensors;
  adamW(
    { parameters: [parameter], gradients: [gradient], firstMoments: [moments[0]], secondMoments: [moments[1]] },
    { learningRate: 0.1, weightDecay: [0], step: 1, gradientScale: 0.5 },
  );
  assertAllClose(parameter, [0.9, 1.9]);
  assertAllClose(start, [1, 2]);
  assertAllClose(kept, [1, 2]);
  assertAllClose(keptGradient, [3, 4]);
  assertEquals(tf.memory().numTensors, before);
});

testOnTorch("torch's AdamW clips gradients that are one memory once each, whatever their decay", () => {
  const gradient = tf.tensor2d([[3, 4]]);
  const gradients = [gradient, tf.reshape(gradient, [2]), tf.slice(gradient, [0, 0], [1, 2])];
  const parameters = gradients.map(({ shape }) => tf.variable(tf.zeros(shape)));
  const [firstMoments, secondMoments] = [0, 1].map(() => gradients.map(({ shape }) => tf.variable(tf.zeros(shape))));
  adamW(
    { parameters, gradients, firstMoments, secondMoments },
    { learningRate: 0.1, weightDecay: [0.1, 0, 0.1], step: 1, gradientScale: 0.5 },
  );
  for (const moment of firstMoments) assertAllClose(tf.reshape(moment, [2]), [0.15, 0.2], { atol: 1e-7 });
});
