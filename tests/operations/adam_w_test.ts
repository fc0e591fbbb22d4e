import * as tf from "@tensorflow/tfjs-core";
import { adamW } from "../../lib/operations/adam_w.ts";
import { WeightAverage } from "../../lib/training/step/weight_average.ts";
import { testOnEngines } from "../engines/on_engines.ts";
import { assert, assertAllClose } from "../support/mod.ts";

const options = { learningRate: 0.1, weightDecay: [0.1] };

/** AdamW by its definition, in float64: the parameter after each step. */
function reference(start: number[], gradients: number[][]): number[][] {
  const [first, second] = [start.map(() => 0), start.map(() => 0)];
  let parameter = start;
  return gradients.map((gradient, index) => {
    const step = index + 1;
    parameter = parameter.map((value, i) => {
      first[i] = 0.9 * first[i] + 0.1 * gradient[i];
      second[i] = 0.999 * second[i] + 0.001 * gradient[i] ** 2;
      const [mean, square] = [first[i] / (1 - 0.9 ** step), second[i] / (1 - 0.999 ** step)];
      return value - 0.1 * (mean / (Math.sqrt(square) + 1e-8) + 0.1 * value);
    });
    return parameter;
  });
}

testOnEngines("adamW() changes the parameter and the moments alone, not what shares their memory", () => {
  const start = [1, -2, 3, 0.5], gradients = [[0.5, 1, -2, 0.1], [-1, 1, 0.3, 0.2], [0.2, -0.4, 1, 3]];
  const parameter = tf.variable(tf.tensor1d(start));
  const [first, second] = [tf.variable(tf.zeros([4])), tf.variable(tf.zeros([4]))];
  const average = new WeightAverage(new Map([["parameter", parameter]]), 0.75);
  const expected = reference(start, gradients);
  let mean = start;
  const before = tf.memory().numTensors;
  for (const [index, gradient] of gradients.entries()) {
    const then = [...parameter.dataSync()];
    const shared = [tf.clone(parameter), tf.reshape(parameter, [2, 2]), tf.clone(first)];
    const numbers = shared.map((tensor) => [...tensor.dataSync()]);
    const taken = tf.tensor1d(gradient);
    const tensors = { parameters: [parameter], gradients: [taken], firstMoments: [first], secondMoments: [second] };
    adamW(tensors, { ...options, step: index + 1 });
    average.update();
    assertAllClose(parameter, expected[index], { atol: 1e-5, rtol: 1e-5 });
    assert(parameter.dataSync()[0] !== then[0]);
    for (const [place, tensor] of shared.entries()) assertAllClose(tensor, numbers[place], { atol: 0, rtol: 0 });
    mean = mean.map((value, i) => 0.75 * value + 0.25 * expected[index][i]);
    assertAllClose(average.values.get("parameter")!, mean, { atol: 1e-5, rtol: 1e-5 });
    tf.dispose([...shared, taken]);
  }
  assert(tf.memory().numTensors === before, `${tf.memory().numTensors - before} tensors are left`);
  average.dispose();
  tf.dispose([parameter, first, second]);
});
