/** What engines state that they can do, against what they do. */
import * as tf from "@tensorflow/tfjs-core";
import { currentEngine } from "../../lib/engines/mod.ts";
import type { StoragePrecision } from "../../lib/engines/engine.ts";
import { initializeModel } from "../../lib/models/initialize_model.ts";
import { adamW, causalAttention } from "../../lib/operations/mod.ts";
import { assert, assertEquals, assertThrows } from "../support/mod.ts";
import { peakBytes } from "../support/peak_bytes.ts";
import { testOnEngines } from "./on_engines.ts";

testOnEngines(
  "abilities.attention is composed where scores of all positions by all are held, and only there",
  async () => {
    const [length, heads] = [256, 4];
    const x = tf.ones([length, 8]);
    const attend = tf.grad((x) =>
      tf.sum(causalAttention({ query: x, key: x, value: x }, { rowLengths: [length], heads }))
    );
    const before = tf.memory().numBytes;
    const peak = await peakBytes(() => attend(x).dispose()) - before;
    x.dispose();
    assertEquals(currentEngine()!.abilities.attention === "composed", peak > 4 * heads * length ** 2);
  },
);

testOnEngines("abilities.fusedUpdates has adamw where its step makes no further tensors, and only there", async () => {
  const [parameter, first, second] = [1, 2, 3].map(() => tf.variable(tf.ones([100, 100])));
  const gradient = tf.ones([100, 100]);
  const lists = { parameters: [parameter], gradients: [gradient], firstMoments: [first], secondMoments: [second] };
  const before = tf.memory().numBytes;
  const step = () => tf.tidy(() => adamW(lists, { learningRate: 1e-3, weightDecay: [0], step: 1 }));
  const peak = await peakBytes(() => void step()) - before;
  tf.dispose([parameter, first, second, gradient]);
  assertEquals(currentEngine()!.abilities.fusedUpdates.includes("adamw"), peak <= 4 * 100 * 100);
});

testOnEngines("abilities.storage are the precisions in which a model can be made", () => {
  const config = { model_type: "gpt2", vocab_size: 11, n_positions: 8, n_embd: 8, n_head: 2, n_layer: 1 };
  const { storage } = currentEngine()!.abilities;
  assert(storage.includes("float32"));
  for (const precision of ["float32", "bfloat16", "int8", "int4"] as StoragePrecision[]) {
    const make = () => initializeModel(config, { seed: 1, precision });
    if (!storage.includes(precision)) {
      assertThrows(make, RangeError, `stores models in float32 only, current value is ${precision}`);
      continue;
    }
    const model = make();
    assertEquals(model.precision, precision);
    model.dispose();
  }
});
