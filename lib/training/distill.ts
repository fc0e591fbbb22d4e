/**
 * A whole training run, as a stream of events.
 *
 * @module
 */
import { batches, type Cursor } from "../datasets/batches.ts";
import type { Row } from "../datasets/row.ts";
import { validationLoss } from "../evaluation/validation_loss.ts";
import { lastCheckpoint, loadCheckpoint, saveCheckpoint } from "./checkpoint.ts";
import { type StepResult, Trainer, type TrainerOptions } from "./trainer.ts";

/** Options for {@linkcode distill}. */
export interface DistillOptions extends TrainerOptions {
  /** What is trained on. */
  rows: readonly Row[];
  /** Rows a step. */
  batchSize: number;
  /**
   * Decides the order of the rows.
   *
   * @default {0}
   */
  seed?: number;
  /** Held-out rows for the validation loss. */
  validRows?: readonly Row[];
  /**
   * Steps from one validation to the next; 0 validates at the end only.
   *
   * @default {0}
   */
  validateEvery?: number;
  /** Where checkpoints go; none are written where it is absent. */
  checkpointFolder?: string;
  /**
   * Steps from one checkpoint to the next; 0 saves only when the run is stopped.
   *
   * @default {0}
   */
  saveEvery?: number;
  /**
   * Whether to go on from the last checkpoint in the folder, if there is one.
   *
   * @default {false}
   */
  resume?: boolean;
  /** Stops the run after the step at hand; a checkpoint is then saved. */
  signal?: AbortSignal;
}

/** What happens in a run. `step` counts the steps taken by then. */
export type DistillEvent =
  | { type: "start"; step: number; totalSteps: number }
  | { type: "step"; step: number; epoch: number; tokens: number; seconds: number } & StepResult
  | { type: "validation"; step: number; validLoss: number }
  | { type: "checkpoint"; step: number; path: string }
  | { type: "stopped"; step: number; path?: string };

/**
 * Trains the student to the last step, or until the signal.
 *
 * @param options The run.
 * @returns What happens, as it happens. `start` comes first, `stopped` is the last of a run that was stopped.
 * @throws {RangeError | TypeError} If an option makes no sense.
 * @throws {NonFiniteLossError} If a step's loss or gradient is not finite; checkpoints before it stand.
 *
 * @example
 * ```ts
 * import { distill, initializeModel, useEngine } from "@amid/amid";
 *
 * await useEngine("wasm");
 * const json = { model_type: "gpt2", vocab_size: 11, n_positions: 8, n_embd: 8, n_head: 2, n_layer: 1 };
 * const rows = [{ ids: [1, 2, 3, 4], promptLength: 2 }];
 * const student = initializeModel(json, { seed: 1 });
 * const run = distill({ student, rows, batchSize: 1, totalSteps: 3, optimizer: { learningRate: 1e-2 } });
 * for await (const event of run) if (event.type === "step") console.log(event.step, event.loss);
 * ```
 */
export async function* distill(options: DistillOptions): AsyncGenerator<DistillEvent, void> {
  const { rows, batchSize, totalSteps, seed = 0, validateEvery = 0, saveEvery = 0, checkpointFolder, signal } = options;
  const trainer = new Trainer(options);
  try {
    let cursor: Cursor = { epoch: 0, position: 0 };
    const checkpoint = options.resume && checkpointFolder ? await lastCheckpoint(checkpointFolder) : undefined;
    if (checkpoint) ({ cursor } = await loadCheckpoint(checkpoint, trainer));
    yield { type: "start", step: trainer.steps, totalSteps };
    for (const batch of batches(rows, { batchSize, seed, cursor, window: 1 })) {
      if (trainer.steps >= totalSteps) break;
      if (signal?.aborted) {
        const path = checkpointFolder && await saveCheckpoint(checkpointFolder, trainer, cursor);
        yield { type: "stopped", step: trainer.steps, path };
        return;
      }
      const { epoch } = cursor;
      const began = performance.now();
      const result = await trainer.step(batch.rows);
      cursor = batch.next;
      const step = trainer.steps;
      const tokens = batch.rows.reduce((sum, { ids }) => sum + ids.length, 0);
      yield { type: "step", step, epoch, tokens, seconds: (performance.now() - began) / 1000, ...result };
      if (isDue(step, validateEvery, totalSteps) && options.validRows?.length) {
        yield { type: "validation", step, validLoss: await validationLoss(trainer.student, options.validRows) };
      }
      if (checkpointFolder && saveEvery > 0 && step % saveEvery === 0) {
        yield { type: "checkpoint", step, path: await saveCheckpoint(checkpointFolder, trainer, cursor) };
      }
      await nextTurn(); // lets signals, timers and servers have their turn between steps
    }
  } finally {
    trainer.dispose();
  }
}

const isDue = (step: number, every: number, last: number): boolean =>
  step === last || (every > 0 && step % every === 0);

const nextTurn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));
