import * as tf from "@tensorflow/tfjs-core";
import { currentEngine, type EngineName, useEngine } from "../../lib/engines/mod.ts";
import { engines } from "../../lib/engines/engines.ts";
import { assert, assertAllClose, assertEquals, assertRejects } from "../support/mod.ts";
import { testOnEngines } from "./on_engines.ts";

Deno.test("useEngine() takes the first engine that is fit, and reports why it passed over the others", async () => {
  const { name, passedOver } = await useEngine("auto");
  const names = [...engines.keys()] as EngineName[];
  assertEquals(passedOver.map(({ name }) => name), names.slice(0, names.indexOf(name as EngineName)));
  for (const { reason } of passedOver) assert(reason.length > 0);
  assert(name !== "cpu");
});

Deno.test("useEngine() refuses a name that it does not know, naming those that it does", async () => {
  await assertRejects(() => useEngine("abacus" as EngineName), RangeError, "torch, tensorflow, webgpu, wasm, cpu");
});

testOnEngines("useEngine() reports what is in use", async (engine) => {
  const { passedOver, ...info } = await useEngine(engine);
  assertEquals(info.name, engine);
  assertEquals(currentEngine(), info);
  assertEquals(passedOver, []);
  assert(info.version.length > 0 && info.device.length > 0);
});

testOnEngines("useEngine() refuses a device that is not there", async (engine) => {
  await assertRejects(() => useEngine(engine, { device: "moon:0" }), Error, "moon:0");
});

testOnEngines("tensors of another engine can be read and computed with", async (engine) => {
  await useEngine("cpu");
  const elsewhere = tf.tensor([1, 2, 3]);
  await useEngine(engine);
  const here = tf.mul(elsewhere, 2);
  await useEngine("cpu");
  assertAllClose(tf.add(here, elsewhere), [3, 6, 9]);
  tf.dispose([elsewhere, here]);
});

testOnEngines("a tensor can be read by waiting for it", async () => {
  assertAllClose(await tf.tidy(() => tf.add(tf.tensor([1, 2, 3]), 1)).data(), [2, 3, 4]);
});
