import * as tf from "@tensorflow/tfjs-core";
import { useEngine } from "../../lib/engines/mod.ts";
import { chunkedLoss, type ChunkedLossOptions } from "../../lib/objectives/chunked_loss.ts";
import { objective } from "../../lib/objectives/mod.ts";
import type { AmidLossSpecification } from "../../lib/operations/mod.ts";
import { testOnEngines } from "../engines/on_engines.ts";
import { assert, assertAllClose, assertEquals } from "../support/mod.ts";

const TOKENS = 70, VOCABULARY = 37, WIDTH = 8;

const objectives = {
  "a closed form": objective("amid", { alpha: 0.3, lambda: 0.2 }),
  "several parts": objective("adaptive-kl"),
  "autodiff": { name: "own", perToken: objective("amid", { order: "qr", alpha: 2 }).perToken },
};

const logitsFrom = (states: tf.Tensor2D, head: tf.Tensor2D) => ({
  logits: (start: number, size: number): tf.Tensor2D =>
    tf.matMul(tf.slice(states, [start, 0], [size, states.shape[1]]), head, false, true),
});

/** Losses and gradients as numbers; nothing else is left of them. */
function losses(options: Partial<ChunkedLossOptions>): Record<string, Float32Array> {
  return tf.tidy(() => {
    const random = (rows: number, columns: number, seed: number) =>
      tf.randomNormal([rows, columns], 0, 1, "float32", seed) as tf.Tensor2D;
    const inputs = {
      states: random(TOKENS, WIDTH, 1),
      head: random(VOCABULARY, WIDTH, 2),
      labels: Int32Array.from({ length: TOKENS }, (_, i) => i * 5 % VOCABULARY),
      teacher: logitsFrom(random(TOKENS, 3, 3), random(VOCABULARY, 3, 4)),
    };
    const objective = objectives["a closed form"];
    const result = chunkedLoss(inputs, { objective, distillWeight: 0.7, ...options });
    const parts = Object.entries(result).flatMap(([name, tensor]) => tensor ? [[name, tensor.dataSync()]] : []);
    return Object.fromEntries(parts) as tf.TensorContainerObject;
  }) as unknown as Record<string, Float32Array>;
}

for (const [kind, objective] of Object.entries(objectives)) {
  testOnEngines(`chunkedLoss() is the same to 1e-6 for chunks of 1, 7, 64 and all tokens, by ${kind}`, () => {
    const whole = losses({ objective, chunkSize: TOKENS });
    for (const chunkSize of [1, 7, 64]) {
      const parts = losses({ objective, chunkSize });
      for (const [name, values] of Object.entries(whole)) {
        assertAllClose(parts[name], values, { atol: 1e-6, rtol: 1e-6 });
      }
    }
  });
}

Deno.test("chunkedLoss() takes an engine's own kernel, with the same numbers, for what it knows", async () => {
  await useEngine("cpu");
  const expected = losses({ chunkSize: 32 });
  const asked: unknown[] = [];
  // What a kernel of that name promises, made of the library's own parts.
  const kernelFunc: tf.KernelFunc = ({ inputs, attrs }) => {
    const { labels, specification, divergenceScale, nextTokenScale } = attrs as unknown as {
      labels: Int32Array;
      specification: AmidLossSpecification;
      divergenceScale: number;
      nextTokenScale: number;
    };
    asked.push(specification);
    const { student, teacher } = inputs as { student: tf.Tensor2D; teacher: tf.Tensor2D };
    const { values, gradient } = objectives["a closed form"].valueAndGradient!({ student, teacher });
    const hot = tf.oneHot(tf.tensor1d(labels, "int32"), VOCABULARY);
    const error = tf.sub(tf.softmax(student), hot);
    const nextToken = tf.neg(tf.sum(tf.mul(tf.logSoftmax(student), hot), -1));
    return [tf.add(tf.mul(gradient, divergenceScale), tf.mul(error, nextTokenScale)), values, nextToken];
  };
  tf.registerKernel({ kernelName: "AmidLoss", backendName: "cpu", kernelFunc });
  try {
    const found = losses({ chunkSize: 32 });
    for (const [name, values] of Object.entries(expected)) assertAllClose(found[name], values);
    assertEquals(asked.length, 3);
    assertEquals(asked[0], {
      divergence: { name: "kl" },
      order: "pr",
      assistant: { alpha: 0.3, lambda: 0.2, detach: false },
    });
    losses({ objective: objectives["autodiff"] });
    losses({ objective: objectives["several parts"] });
    losses({ gradient: false });
    assertEquals(asked.length, 3, "the kernel was asked for what it does not know");
    assert(tf.getKernel("AmidLoss", "cpu"));
  } finally {
    tf.unregisterKernel("AmidLoss", "cpu");
  }
});

Deno.test("chunkedLoss() continues without an engine's kernel that cannot take logits of that size", async () => {
  await useEngine("cpu");
  const expected = losses({});
  tf.registerKernel({ kernelName: "AmidLoss", backendName: "cpu", kernelFunc: () => [] });
  try {
    const found = losses({});
    for (const [name, values] of Object.entries(expected)) assertAllClose(found[name], values, { atol: 0, rtol: 0 });
  } finally {
    tf.unregisterKernel("AmidLoss", "cpu");
  }
});
