import * as tf from "@tensorflow/tfjs-core";
import { useEngine } from "../../../lib/engines/mod.ts";
import { generate } from "../../../lib/models/generation/generate.ts";
import { assert, assertAllClose, assertEquals } from "../../support/mod.ts";
import { tinyModel } from "../../support/tiny_model.ts";

await useEngine("wasm");

const inputs = { inputIds: [[1, 5, 9, 20], [3, 3, 50, 0]] };

Deno.test("project() asks the model's adapter for every projection that the family lists, with its inputs", () => {
  const model = tinyModel(1);
  const asked = new Map<string, number[]>();
  model.adapter = (name, x) => void asked.set(name, x.shape);
  model.logits(inputs);
  const listed = [...model.family.parameters(model.config)].filter(([, { projection }]) => projection);
  assertEquals([...asked.keys()].sort(), listed.map(([name]) => name).sort());
  for (const [name, { shape, projection }] of listed) {
    assertEquals(asked.get(name), [8, shape[projection === "input-first" ? 0 : 1]]);
  }
});

Deno.test("project() adds what the adapter gives, in logits and in generation", async () => {
  const model = tinyModel(1);
  const name = "transformer.h.1.mlp.c_fc.weight";
  const change = tf.randomNormal([16, 64], 0, 0.3, "float32", 4);
  const plain = model.logits(inputs).dataSync();
  model.adapter = (weight, x) => weight === name ? tf.matMul(x as tf.Tensor2D, change) : undefined;
  const adapted = model.logits(inputs);
  const tokens = await generate(model, [[1, 5, 9]], { maxNewTokens: 8, temperature: 0 });
  const merged = tinyModel(1);
  merged.parameters.get(name)!.assign(tf.add(merged.parameters.get(name)!, change));
  assertAllClose(adapted, merged.logits(inputs), { atol: 1e-5 });
  assertEquals(tokens, await generate(merged, [[1, 5, 9]], { maxNewTokens: 8, temperature: 0 }));
  assert(adapted.dataSync().some((logit, i) => Math.abs(logit - plain[i]) > 0.01));
});
