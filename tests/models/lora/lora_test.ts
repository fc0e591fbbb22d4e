import * as tf from "@tensorflow/tfjs-core";
import { useEngine } from "../../../lib/engines/mod.ts";
import type { LanguageModel } from "../../../lib/models/language_model.ts";
import { packTokens } from "../../../lib/batches/packed_tokens.ts";
import type { DropoutPass } from "../../../lib/models/projection_adapter.ts";
import { addLora, mergeLora } from "../../../lib/models/lora/add_lora.ts";
import { assert, assertAllClose, assertEquals, assertThrows } from "../../support/mod.ts";
import { tinyModel } from "../../support/tiny_model.ts";

await useEngine("wasm");

const inputIds = [[1, 2, 3, 4], [5, 6, 7, 8]];

/** Adapters whose B is not zero, so that they add something. */
function adapted(options: Parameters<typeof addLora>[1] = {}): LanguageModel {
  const model = tinyModel(3);
  const { pairs } = addLora(model, { rank: 3, alpha: 6, seed: 5, ...options });
  let seed = 1;
  for (const { b } of pairs.values()) tf.tidy(() => b.assign(tf.randomNormal(b.shape, 0, 0.1, "float32", seed++)));
  return model;
}

const numbers = (model: LanguageModel, pass?: DropoutPass) =>
  tf.tidy(() => model.logitsOf(model.states(packTokens(inputIds), { pass })).dataSync().slice());

Deno.test("addLora() adds nothing at first, and something once B is not zero", () => {
  const model = tinyModel(3);
  const before = numbers(model);
  addLora(model, { rank: 3 });
  assertEquals(numbers(model), before);
  assert(numbers(adapted()).some((value, index) => Math.abs(value - before[index]) > 1e-3));
});

Deno.test("addLora() leaves the two matrices of each target as all that is trained", () => {
  const model = adapted({ targets: ["c_attn", "mlp.c_fc"] });
  assertEquals([...model.trainable].map(([name, { shape }]) => `${name} ${shape}`), [
    "transformer.h.0.attn.c_attn.lora_A.weight 3,16",
    "transformer.h.0.attn.c_attn.lora_B.weight 48,3",
    "transformer.h.0.mlp.c_fc.lora_A.weight 3,16",
    "transformer.h.0.mlp.c_fc.lora_B.weight 64,3",
    "transformer.h.1.attn.c_attn.lora_A.weight 3,16",
    "transformer.h.1.attn.c_attn.lora_B.weight 48,3",
    "transformer.h.1.mlp.c_fc.lora_A.weight 3,16",
    "transformer.h.1.mlp.c_fc.lora_B.weight 64,3",
  ]);
  assertEquals([...adapted({ targets: ["all-linear"] }).lora!.pairs].length, 8);
});

Deno.test("mergeLora() keeps the logits, and takes the adapters off", () => {
  for (const targets of [["c_attn"], ["all-linear"]]) {
    const model = adapted({ targets });
    const before = numbers(model);
    mergeLora(model);
    assertEquals([model.lora, model.trainable], [undefined, model.parameters]);
    assertAllClose(numbers(model), before, { atol: 1e-5 });
  }
});

Deno.test("Lora gradients are those of the merged weight, carried to A and B", () => {
  const model = adapted({ targets: ["c_proj"] });
  const weights = tf.randomNormal([2, 4, model.config.vocabularySize], 0, 1, "float32", 7);
  const loss = (model: LanguageModel) => () => tf.sum(tf.mul(model.logits({ inputIds }), weights)) as tf.Scalar;
  const { grads } = tf.variableGrads(loss(model), [...model.trainable.values()]);
  const pairs = [...model.lora!.pairs].map(([name, { a, b }]) => ({
    name,
    a: tf.clone(a),
    b: tf.clone(b),
    of: [a, b],
  }));
  mergeLora(model);
  for (const { name, a, b, of } of pairs) {
    const weight = model.parameters.get(`${name}.weight`)!;
    const whole = tf.variableGrads(loss(model), [weight]).grads[weight.name];
    const change = tf.mul(tf.transpose(whole), 2) as tf.Tensor2D; // the scale is 6 / 3, and GPT-2 has [I, O]
    const [da, db] = of.map((variable) => grads[variable.name]);
    const tolerance = { atol: 2e-4, rtol: 1e-3 };
    assertAllClose(da, tf.matMul(b as tf.Tensor2D, change, true), tolerance);
    assertAllClose(db, tf.matMul(change, a as tf.Tensor2D, false, true), tolerance);
  }
});

Deno.test("Lora drops inputs in training only, the same for the same seed, step and part", () => {
  const model = adapted({ dropout: 0.5 });
  const still = numbers(model);
  const during = (step: number, part: string) => {
    return numbers(model, { step, part });
  };
  const first = during(4, "0");
  assertEquals(during(4, "0"), first);
  for (const other of [during(5, "0"), during(4, "1"), still]) {
    assert(other.some((value, index) => Math.abs(value - first[index]) > 1e-4));
  }
  assertEquals(numbers(model), still);
  assertEquals(numbers(adapted({ dropout: 0.5 })), still);
});

Deno.test("Lora drops the given share, and scales the others up", () => {
  const lora = addLora(tinyModel(3), { rank: 1, alpha: 1, dropout: 0.25, targets: ["c_attn"] });
  const pair = lora.pairs.get("transformer.h.0.attn.c_attn")!;
  tf.tidy(() => [pair.a, pair.b].forEach((variable) => variable.assign(tf.ones(variable.shape))));
  const pass = { step: 0, part: "0" };
  const sums = lora.add("transformer.h.0.attn.c_attn.weight", tf.ones([4000, 16]), pass)!.mean().dataSync()[0];
  // 64,000 draws: the mean of 16 inputs of 4/3 with probability 3/4 is 16, its deviation 16 · √(1/3 / 64000) = 0.037.
  assert(Math.abs(sums - 16) < 0.2, `${sums}`);
});

Deno.test("addLora() leaves no tensor behind once model and adapters are freed", () => {
  const before = tf.memory().numTensors;
  const model = adapted();
  numbers(model);
  model.dispose();
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("addLora() refuses invalid arguments, naming them", () => {
  const attempt = (options: Parameters<typeof addLora>[1]) => () => addLora(tinyModel(3), options);
  assertThrows(attempt({ rank: 0 }), RangeError, "current value is 0");
  assertThrows(attempt({ alpha: -1 }), RangeError, "current value is -1");
  assertThrows(attempt({ dropout: 1 }), RangeError, "current value is 1");
  assertThrows(attempt({ targets: ["q_proj"] }), RangeError, 'c_attn, c_proj, c_fc, current value is "q_proj"');
  assertThrows(attempt({ targets: ["attn"] }), RangeError, '"attn"');
  assertThrows(attempt({ targets: [] }), RangeError, "current value is none");
  assertThrows(() => addLora(adapted()), RangeError, "no adapters yet");
});
