import * as tf from "@tensorflow/tfjs-core";
import { assert, assertAllClose, assertEquals, assertRejects, assertThrows } from "../../support/mod.ts";
import { useEngine } from "../../../lib/engines/mod.ts";
import type { Precision } from "../../../lib/engines/engine.ts";
import { initializeModel } from "../../../lib/models/initialize_model.ts";
import { objective } from "../../../lib/objectives/mod.ts";
import { adamW, causalAttention, gelu, layerNorm, linear, lowPrecision } from "../../../lib/operations/mod.ts";
import { dtypes } from "../../../lib/engines/torch/symbols.ts";
import { NonFiniteLossError, Trainer } from "../../../lib/training/step/trainer.ts";
import { tinyModel, tinyRows } from "../../support/tiny_model.ts";
import { testInBfloat16, testOnTorch, torchBackend } from "./support.ts";
import { rows, tinyTrainer } from "./tiny_trainer.ts";

const stored = (x: tf.Tensor) => torchBackend().torch.dtype(torchBackend().handle(x));
const random = (shape: number[], seed: number) => tf.randomNormal(shape, 0, 1, "float32", seed);

testInBfloat16("in bfloat16, products are stored so, and sums, softmax and what was written are float32", () => {
  tf.tidy(() => {
    const x = random([4, 6], 1), weight = random([6, 8], 2);
    const product = linear(x, weight, { bias: tf.ones([8]) });
    assertEquals([product.dtype, stored(product)], ["float32", dtypes.bfloat16]);
    assertEquals([stored(tf.sum(product)), stored(tf.logSoftmax(product)), stored(weight)], [6, 6, 6]);
    assertAllClose(product, tf.add(tf.sum(tf.mul(tf.expandDims(x, 2), weight), 1), 1), { atol: 0.05, rtol: 0.02 });
  });
});

testInBfloat16("in bfloat16, a parameter keeps steps that bfloat16 could not hold, and products see them", () => {
  const parameter = tf.variable(tf.ones([2, 2]));
  const moments = [tf.variable(tf.zeros([2, 2])), tf.variable(tf.zeros([2, 2]))];
  const product = () => tf.tidy(() => tf.matMul(tf.eye(2), parameter as unknown as tf.Tensor2D).dataSync()[0]);
  assertEquals(product(), 1);
  for (let step = 1; step <= 40; step++) {
    tf.tidy(() =>
      adamW(
        {
          parameters: [parameter],
          gradients: [tf.ones([2, 2])],
          firstMoments: [moments[0]],
          secondMoments: [moments[1]],
        },
        { learningRate: 1e-3, weightDecay: [0], step },
      )
    );
  }
  // 40 steps of 1e-3; half of bfloat16's spacing below 1 is 0.002, so that each alone would be lost.
  assertAllClose(parameter, [0.96, 0.96, 0.96, 0.96], { atol: 1e-5 });
  assertAllClose(product(), 0.96, { atol: 0.004 });
  tf.dispose([parameter, ...moments]);
});

testInBfloat16("in bfloat16, the library's operations mix with float32 in values and gradients", async () => {
  const run = (x: tf.Tensor, weight: tf.Tensor, gain: tf.Tensor) => {
    const normal = layerNorm(x, { gain, bias: tf.zeros([8]) });
    const [query, key, value] = tf.split(linear(normal, weight), 3, 1);
    const attended = causalAttention({ query, key, value }, { rowLengths: [3, 2], heads: 2, window: 2 });
    const mixed = tf.concat([gelu(attended), x], 1);
    return tf.sum(tf.logSoftmax(tf.stack([mixed, tf.mul(mixed, tf.cos(mixed))]))) as tf.Scalar;
  };
  const inputs = () => [random([5, 8], 1), tf.mul(random([8, 24], 2), 0.3), random([8], 3)];
  const results: number[][][] = [];
  for (const precision of ["float32", "bfloat16"] as Precision[]) {
    await useEngine("torch", { precision });
    results.push(tf.tidy(() => {
      const { value, grads } = tf.valueAndGrads(run as (...inputs: tf.Tensor[]) => tf.Scalar)(inputs());
      return [value, ...grads].map((x) => Array.from(x.dataSync())) as unknown as tf.TensorContainer;
    }) as unknown as number[][]);
  }
  const [exact, low] = results;
  exact.forEach((values, i) => {
    const size = Math.hypot(...values), error = Math.hypot(...values.map((value, j) => value - low[i][j]));
    assert(error < 0.02 * size, `result ${i}: error ${error} of ${size}`);
  });
});

testInBfloat16(
  "in bfloat16, a distillation's losses are within 2 % of float32's, and nothing is left over",
  async () => {
    const losses: number[][] = [];
    for (const precision of ["float32", "bfloat16"] as Precision[]) {
      await useEngine("torch", { precision });
      const { trainer, dispose } = tinyTrainer();
      const own: number[] = [];
      const held: number[] = [];
      for (let step = 0; step < 6; step++) {
        own.push((await trainer.step(rows)).loss);
        held.push(torchBackend().torch.handles);
      }
      assertEquals(held[5], held[2]);
      losses.push(own);
      dispose();
    }
    assertAllClose(losses[1], losses[0], { atol: 0, rtol: 0.02 });
  },
);

testOnTorch("lowPrecision() halves a matrix's memory, and products in float32 take it", () => {
  tf.tidy(() => {
    const matrix = random([64, 64], 1), x = random([3, 64], 2);
    const low = lowPrecision(matrix);
    const { torch } = torchBackend();
    assertEquals([low.dtype, torch.storageBytes(torchBackend().handle(low))], ["float32", 2 * 64 * 64]);
    assertAllClose(linear(x, low), linear(x, matrix), { atol: 0.3, rtol: 0.02 });
    assertAllClose(tf.gather(low, tf.tensor1d([5], "int32")), tf.slice(matrix, [5, 0], [1, 64]), { rtol: 2 ** -8 });
  });
});

testOnTorch("initializeModel() in bfloat16 makes the float32 model's numbers, rounded, in half the memory", () => {
  const sizes = { model_type: "gpt2", vocab_size: 40, n_positions: 8, n_embd: 8, n_head: 2, n_layer: 1 };
  const [exact, low] = (["float32", "bfloat16"] as const).map((precision) =>
    initializeModel(sizes, { seed: 3, precision })
  );
  for (const [name, parameter] of exact.parameters) {
    const other = low.parameters.get(name)!;
    assertEquals(stored(other), parameter.rank > 1 ? dtypes.bfloat16 : dtypes.float32);
    assertAllClose(other, parameter, { atol: 0, rtol: 2 ** -8 });
  }
  exact.dispose();
  low.dispose();
});

Deno.test("initializeModel() refuses bfloat16 on an engine that stores float32 only", async () => {
  await useEngine("wasm");
  const sizes = { model_type: "gpt2", vocab_size: 40, n_positions: 8, n_embd: 8, n_head: 2, n_layer: 1 };
  assertThrows(() => initializeModel(sizes, { seed: 3, precision: "bfloat16" }), RangeError, "in float32 only");
});

Deno.test("useEngine() refuses a precision that torch does not have, naming it", async () => {
  await assertRejects(() => useEngine("torch", { precision: "float8" as Precision }), RangeError, "float8");
});

testInBfloat16("a step in bfloat16 that is not finite is an error that changes nothing", async () => {
  const student = tinyModel(1), teacher = tinyModel(2, { n_layer: 1 });
  const name = "transformer.h.1.mlp.c_fc.weight";
  const weight = student.parameters.get(name)!;
  weight.assign(tf.mul(weight, 1e38));
  const trainer = new Trainer({
    student,
    teacher,
    objective: objective("amid"),
    totalSteps: 2,
    optimizer: { learningRate: 1e-3 },
  });
  const before = [...student.parameters.get("transformer.ln_f.weight")!.dataSync()];
  await assertRejects(() => trainer.step(tinyRows(2)), NonFiniteLossError, "Cannot take step 0");
  assertEquals([...student.parameters.get("transformer.ln_f.weight")!.dataSync()], before);
  trainer.dispose();
});
