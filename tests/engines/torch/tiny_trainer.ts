/** A distillation between two tiny GPT-2 models. */
import * as tf from "@tensorflow/tfjs-core";
import { initializeModel } from "../../../lib/models/initialize_model.ts";
import { objective } from "../../../lib/objectives/mod.ts";
import { Trainer } from "../../../lib/training/step/trainer.ts";

const config = {
  model_type: "gpt2",
  vocab_size: 61,
  n_positions: 32,
  n_embd: 16,
  n_layer: 2,
  n_head: 2,
  eos_token_id: 60,
  architectures: ["GPT2LMHeadModel"],
};

/** Three rows for it. */
export const rows = [
  { ids: [3, 7, 11, 13, 17, 60], promptLength: 2 },
  { ids: [5, 9, 2, 8, 60], promptLength: 1 },
  { ids: [40, 41, 42, 43, 44, 45, 46, 60], promptLength: 5 },
];

/** A trainer of a tiny GPT-2 towards another, on the engine in use. */
export function tinyTrainer(): { trainer: Trainer; dispose: () => void } {
  const student = initializeModel(config, { seed: 1 }), teacher = initializeModel(config, { seed: 2 });
  const trainer = new Trainer({
    student,
    teacher,
    distillWeight: 0.7,
    totalSteps: 10,
    objective: objective("amid", { divergence: "kl", order: "pr", alpha: 0.5, lambda: 0.5 }),
    optimizer: { learningRate: 1e-3, weightDecay: 0.1, clipNorm: 1 },
  });
  const dispose = () => {
    trainer.dispose();
    for (const model of [student, teacher]) tf.dispose([...model.parameters.values()]);
  };
  return { trainer, dispose };
}
