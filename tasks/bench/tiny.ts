/**
 * A distillation so small that what is measured is everything but arithmetic.
 *
 * @module
 */
import { randomStream } from "../../lib/random/random.ts";
import type { Row } from "../../lib/batches/row.ts";
import { initializeModel } from "../../lib/models/initialize_model.ts";
import { objective } from "../../lib/objectives/mod.ts";
import { Trainer } from "../../lib/training/step/trainer.ts";

const VOCABULARY = 64;

/** Options for {@linkcode tinyTrainer}. */
export interface TinyTrainerOptions {
  /** Blocks of the student. */
  studentLayers: number;
  /** Blocks of the teacher. */
  teacherLayers: number;
  /** Steps that will be taken. */
  steps: number;
}

/** A trainer of two models of width 16, and rows of up to 16 tokens for its steps. */
export function tinyTrainer(options: TinyTrainerOptions): { trainer: Trainer; rowsOf: (step: number) => Row[] } {
  const { studentLayers, teacherLayers, steps } = options;
  const model = (layers: number, seed: number) =>
    initializeModel(
      { model_type: "gpt2", vocab_size: VOCABULARY, n_positions: 16, n_embd: 16, n_head: 2, n_layer: layers },
      { seed },
    );
  const trainer = new Trainer({
    student: model(studentLayers, 1),
    teacher: model(teacherLayers, 2),
    totalSteps: steps,
    objective: objective("amid", { alpha: 0, lambda: 0.1 }),
    optimizer: { learningRate: 1e-3 },
  });
  const rowsOf = (step: number) => {
    const random = randomStream(step % 50); // the same fifty batches again and again, of several lengths
    return Array.from({ length: 2 }, () => ({
      ids: Array.from({ length: 8 + random.below(9) }, () => random.below(VOCABULARY)),
      promptLength: 4,
    }));
  };
  return { trainer, rowsOf };
}
