/** Training and generation on every engine: the same numbers as the engine `cpu`, and no memory that is left behind. */
import * as tf from "@tensorflow/tfjs-core";
import type { Row } from "../../lib/batches/row.ts";
import { randomStream } from "../../lib/random/random.ts";
import { useEngine } from "../../lib/engines/mod.ts";
import { generate } from "../../lib/models/generation/generate.ts";
import { initializeModel } from "../../lib/models/initialize_model.ts";
import type { Objective } from "../../lib/objectives/objective.ts";
import { Trainer } from "../../lib/training/step/trainer.ts";
import { assertAllClose, assertEquals } from "../support/mod.ts";
import { testOnEngines } from "./on_engines.ts";

const config = {
  model_type: "gpt2",
  vocab_size: 53,
  n_positions: 32,
  n_embd: 8,
  n_layer: 1,
  n_head: 2,
  activation_function: "gelu_new",
  layer_norm_epsilon: 1e-5,
  tie_word_embeddings: true,
};

/** KL(p‖q) without the teacher's entropy: enough of an objective for this test. */
const crossEntropy: Objective = {
  name: "cross-entropy",
  perToken: ({ student, teacher }) => tf.neg(tf.sum(tf.mul(tf.softmax(teacher), tf.logSoftmax(student)), -1)),
};

function rowsOf(step: number): Row[] {
  const random = randomStream(step);
  return [7, 4, 9].map((length) => ({
    ids: Array.from({ length }, () => random.below(config.vocab_size)),
    promptLength: 3,
  }));
}

/** A pair of models with a trainer, and what frees them. */
function setUp() {
  const [student, teacher] = [1, 2].map((seed) => initializeModel(config, { seed }));
  const trainer = new Trainer({
    student,
    teacher,
    objective: crossEntropy,
    distillWeight: 0.6,
    totalSteps: 50,
    microBatchSize: 2,
    chunkSize: 8,
    optimizer: { learningRate: 3e-3, weightDecay: 0.01, clipNorm: 1 },
  });
  const dispose = () => [trainer, student, teacher].forEach((part) => part.dispose());
  return { student, trainer, dispose };
}

/** Three steps, then a continuation of two prompts. */
async function shortRun(): Promise<{ losses: number[]; tokens: number[][] }> {
  const { student, trainer, dispose } = setUp();
  const losses: number[] = [];
  for (let step = 0; step < 3; step++) {
    const { lmLoss, distillLoss, gradNorm } = await trainer.step(rowsOf(step));
    losses.push(lmLoss, distillLoss, gradNorm);
  }
  const tokens = await generate(student, [[4, 8, 15], [16, 23, 42, 7]], { maxNewTokens: 6, temperature: 0 });
  dispose();
  return { losses, tokens };
}

let reference: ReturnType<typeof shortRun> | undefined;

testOnEngines("three steps and a continuation equal the reference engine's", async (engine) => {
  await useEngine("cpu");
  const expected = await (reference ??= shortRun());
  await useEngine(engine);
  const actual = await shortRun();
  assertAllClose(actual.losses, expected.losses, { atol: 1e-4, rtol: 1e-4 });
  assertEquals(actual.tokens, expected.tokens);
}, { except: ["cpu"] });

/** Tensors, their bytes, and, where an engine counts them, the bytes it has taken. */
function memory(): number[] {
  const { numTensors, numDataBuffers, numBytes, ...engine } = tf.memory();
  const { numBytesInGPUAllocated } = engine as { numBytesInGPUAllocated?: number };
  return [numTensors, numDataBuffers, numBytes, numBytesInGPUAllocated ?? 0];
}

testOnEngines("twelve steps leave tensors and bytes level", async () => {
  const before = memory().slice(0, 3);
  const { trainer, dispose } = setUp();
  await trainer.step(rowsOf(0));
  const level = memory();
  for (let step = 1; step < 12; step++) await trainer.step(rowsOf(0));
  assertEquals(memory(), level);
  dispose();
  assertEquals(memory().slice(0, 3), before);
});
