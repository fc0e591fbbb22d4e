/** Arguments that do not fit give the same kind of error on every engine, never a result. */
import * as tf from "@tensorflow/tfjs-core";
import { useEngine } from "../../lib/engines/mod.ts";
import { causalAttention, layerNorm, linear } from "../../lib/operations/mod.ts";
import { assert, assertEquals } from "../support/mod.ts";
import { ints } from "./cases/mod.ts";
import { testOnEngines } from "./on_engines.ts";

const mistakes: Record<string, () => tf.Tensor | tf.Tensor[]> = {
  "add of [2, 3] and [4]": () => tf.add(tf.ones([2, 3]), tf.ones([4])),
  "mul of [2, 3] and [3, 2]": () => tf.mul(tf.ones([2, 3]), tf.ones([3, 2])),
  "less of [2, 3] and [4]": () => tf.less(tf.ones([2, 3]), tf.ones([4])),
  "matMul of [2, 3] and [4, 2]": () => tf.matMul(tf.ones([2, 3]), tf.ones([4, 2])),
  "matMul of [2, 3] and [2, 3], not transposed": () => tf.matMul(tf.ones([2, 3]), tf.ones([2, 3])),
  "matMul of batches of 2 and 3": () => tf.matMul(tf.ones([2, 3, 4]), tf.ones([3, 4, 5])),
  "concat of [2, 3] and [2, 4] by rows": () => tf.concat([tf.ones([2, 3]), tf.ones([2, 4])], 0),
  "stack of [2] and [3]": () => tf.stack([tf.ones([2]), tf.ones([3])]),
  "reshape of six numbers to [4]": () => tf.reshape(tf.ones([2, 3]), [4]),
  "slice beyond the end": () => tf.slice(tf.ones([4]), [2], [3]),
  "transpose by [0, 0]": () => tf.transpose(tf.ones([2, 3]), [0, 0]),
  "sum over axis 2 of two": () => tf.sum(tf.ones([2, 3]), 2),
  "split of five in two": () => tf.split(tf.ones([5]), 2),
  "where of [2] and [3]": () => tf.where(tf.tensor1d([true, false], "bool"), tf.ones([3]), tf.ones([3])),
  "addN of [2] and [3]": () => tf.addN([tf.ones([2]), tf.ones([3])]),
  "gather along axis 2 of two": () => tf.gather(tf.ones([2, 3]), ints([0]), 2),
  "linear of [2, 3] by [4, 5]": () => linear(tf.ones([2, 3]), tf.ones([4, 5])),
  "linear with a bias that does not fit": () => linear(tf.ones([2, 3]), tf.ones([3, 4]), { bias: tf.ones([3]) }),
  "layerNorm with a gain that does not fit": () =>
    layerNorm(tf.ones([2, 4]), { gain: tf.ones([3]), bias: tf.ones([4]) }),
  "layerNorm with a bias that does not fit": () =>
    layerNorm(tf.ones([2, 4]), { gain: tf.ones([4]), bias: tf.ones([1]) }),
  "causalAttention of a key that is too long": () => {
    const x = tf.ones([4, 4]);
    return causalAttention({ query: x, key: tf.ones([5, 4]), value: x }, { rowLengths: [4], heads: 2 });
  },
  "causalAttention with heads that do not divide": () => {
    const x = tf.ones([4, 4]);
    return causalAttention({ query: x, key: x, value: x }, { rowLengths: [4], heads: 3 });
  },
  "causalAttention of rows that do not add up": () => {
    const x = tf.ones([5, 4]);
    return causalAttention({ query: x, key: x, value: x }, { rowLengths: [2, 2], heads: 2 });
  },
};

/** The error, or nothing where there was none. */
function errorOf(mistake: () => tf.Tensor | tf.Tensor[]): Error | undefined {
  try {
    tf.tidy(() => [mistake()].flat().forEach((y) => y.dataSync()));
  } catch (error) {
    assert(error instanceof Error);
    return error;
  }
  return undefined;
}

for (const [name, mistake] of Object.entries(mistakes)) {
  testOnEngines(`bad shapes: ${name}`, async (engine) => {
    await useEngine("cpu");
    const expected = errorOf(mistake);
    await useEngine(engine);
    const before = tf.memory().numTensors;
    const actual = errorOf(mistake);
    assert(expected, "the reference engine accepts this");
    assert(actual, `accepted; on cpu: ${expected.message}`);
    assertEquals(`${actual.name}: ${actual.message}`, `${expected.name}: ${expected.message}`);
    assertEquals(tf.memory().numTensors, before, "tensors are left over");
  }, { except: ["cpu"] });
}
