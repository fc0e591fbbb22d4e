/** Products with weights that are ready, against the same products without. */
import * as tf from "@tensorflow/tfjs-core";
import { linear, readyWeights } from "../../../lib/operations/mod.ts";
import { initializeModel } from "../../../lib/models/initialize_model.ts";
import { readyModel } from "../../../lib/models/generation/ready_model.ts";
import { assert, assertAllClose, assertEquals } from "../../support/mod.ts";
import { fill } from "../cases/case.ts";
import { testInBfloat16, testOnTorch, torchBackend } from "./support.ts";

const filled = (shape: number[], index: number) => tf.tensor(fill({ shape, from: -1, to: 1 }, index), shape);

/** Products of each kind with a ready weight are those with the plain one. */
function compare(atol: number): void {
  for (const inputFirst of [false, true]) {
    for (const [rows, inputs, outputs] of [[1, 8, 5], [16, 33, 70], [3, 64, 257]]) {
      const weight = tf.variable(filled(inputFirst ? [inputs, outputs] : [outputs, inputs], 1));
      const [x, bias] = [filled([rows, inputs], 2), filled([outputs], 3)];
      const all = () =>
        tf.tidy(() => [
          linear(x, weight, { transposeWeight: !inputFirst }),
          linear(x, weight, { transposeWeight: !inputFirst, bias, activation: "gelu-tanh" }),
          linear(x, weight, { transposeWeight: !inputFirst, bias, activation: "silu" }),
          tf.matMul(x as tf.Tensor2D, weight as tf.Tensor as tf.Tensor2D, false, !inputFirst),
        ]);
      const plain = all().map((result) => Array.from(result.dataSync()));
      const release = readyWeights([{ weight, inputFirst }]);
      assert(torchBackend().readyWeights.get(weight) !== undefined, "the weight is not ready");
      all().forEach((result, i) => {
        assertEquals(result.shape, [rows, outputs]);
        assertAllClose(result, plain[i], { atol, rtol: atol });
      });
      release();
      tf.dispose([weight, x, bias]);
    }
  }
}

testOnTorch("readyWeights() changes no product", () => compare(1e-5));

testInBfloat16("readyWeights() changes no product in bfloat16 beyond its rounding", () => compare(0.06));

testOnTorch("readyWeights() frees its copies when the last user ends, and at a change in place", () => {
  const backend = torchBackend();
  const weight = tf.variable(filled([40, 20], 1));
  const before = backend.memory().handles;
  const [one, two] = [1, 2].map(() => readyWeights([{ weight, inputFirst: false }]));
  assertEquals(backend.memory().handles, before + 1);
  one();
  assertEquals(backend.memory().handles, before + 1);
  two();
  assertEquals(backend.memory().handles, before);
  const three = readyWeights([{ weight, inputFirst: false }]);
  backend.refresh(weight);
  assertEquals(backend.readyWeights.get(weight), undefined);
  three();
  assertEquals(backend.memory().handles, before);
  weight.dispose();
});

testOnTorch("readyModel() makes all projections and the head of a model ready, and leaves nothing behind", () => {
  const json = { model_type: "gpt2", vocab_size: 40, n_positions: 8, n_embd: 8, n_head: 2, n_layer: 3 };
  const model = initializeModel(json, { seed: 1 });
  const ready = () =>
    [...model.parameters].filter(([, { dataId }]) => torchBackend().readyWeights.get({ dataId } as never));
  const before = torchBackend().memory().handles;
  readyModel(model, { maxNewTokens: 2 })();
  const release = readyModel(model, { maxNewTokens: 20 });
  assertEquals(ready().length, 3 * 4 + 1);
  release();
  assertEquals([ready().length, torchBackend().memory().handles], [0, before]);
  model.dispose();
});
