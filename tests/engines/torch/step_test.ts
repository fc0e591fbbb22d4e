import * as tf from "@tensorflow/tfjs-core";
import { assert, assertAllClose, assertEquals } from "../../support/mod.ts";
import { useEngine } from "../../../lib/engines/mod.ts";
import { initializeModel } from "../../../lib/models/initialize_model.ts";
import { objective } from "../../../lib/objectives/mod.ts";
import { Trainer } from "../../../lib/training/trainer.ts";
import { testOnTorch, torchBackend } from "./support.ts";

const config = {
  ...{ model_type: "gpt2", vocab_size: 61, n_positions: 32, n_embd: 16, n_layer: 2, n_head: 2 },
  ...{ eos_token_id: 60, architectures: ["GPT2LMHeadModel"] },
};

const rows = [
  { ids: [3, 7, 11, 13, 17, 60], promptLength: 2 },
  { ids: [5, 9, 2, 8, 60], promptLength: 1 },
  { ids: [40, 41, 42, 43, 44, 45, 46, 60], promptLength: 5 },
];

/** A trainer of a tiny GPT-2 towards another, on the engine in use. */
function tinyTrainer(): { trainer: Trainer; dispose: () => void } {
  const student = initializeModel(config, { seed: 1 }), teacher = initializeModel(config, { seed: 2 });
  const trainer = new Trainer({
    ...{ student, teacher, distillWeight: 0.7, totalSteps: 10 },
    objective: objective("amid", { divergence: "kl", order: "pr", alpha: 0.5, lambda: 0.5 }),
    optimizer: { learningRate: 1e-3, weightDecay: 0.1, clipNorm: 1 },
  });
  const dispose = () => {
    trainer.dispose();
    for (const model of [student, teacher]) tf.dispose([...model.parameters.values()]);
  };
  return { trainer, dispose };
}

testOnTorch("torch takes the steps of a GPT-2 distillation as cpu does", async () => {
  const results = [];
  for (const engine of ["cpu", "torch"] as const) {
    await useEngine(engine);
    const { trainer, dispose } = tinyTrainer();
    const figures: number[] = [];
    for (let step = 0; step < 3; step++) {
      const { loss, lmLoss, distillLoss, gradNorm } = await trainer.step(rows);
      figures.push(loss, lmLoss, distillLoss, gradNorm);
    }
    const weights = [...trainer.student.parameters].map(([, variable]) => Array.from(variable.dataSync()));
    results.push({ figures, weights });
    dispose();
  }
  const [expected, actual] = results;
  assertAllClose(actual.figures, expected.figures, { atol: 1e-5, rtol: 2e-5 });
  // Where a gradient is all but zero, AdamW moves a weight by the learning rate all the same, whatever its rounding:
  // weights agree on average to a thousandth of what three steps of 1e-3 move them.
  const differences = actual.weights.flatMap((weights, i) =>
    weights.map((weight, j) => weight - expected.weights[i][j])
  );
  const meanSquare = differences.reduce((sum, difference) => sum + difference ** 2, 0) / differences.length;
  assert(Math.sqrt(meanSquare) < 3e-6, `root mean square difference ${Math.sqrt(meanSquare)}`);
});

testOnTorch("torch keeps no tensor and no handle from one step of a distillation to the next", async () => {
  const { trainer, dispose } = tinyTrainer();
  await trainer.step(rows);
  await trainer.step(rows);
  const { torch } = torchBackend();
  const [handles, { numTensors }] = [torch.handles, tf.memory()];
  for (let step = 0; step < 5; step++) assert((await trainer.step(rows)).loss > 0);
  assertEquals([torch.handles, tf.memory().numTensors], [handles, numTensors]);
  dispose();
});
