/**
 * Training: the step, and the whole run.
 *
 * @module
 */
export { AdamWOptimizer, type OptimizerOptions, type OptimizerState } from "./adam_w_optimizer.ts";
export { distill, type DistillEvent, type DistillOptions } from "./distill.ts";
export type { LearningRateSchedule } from "./learning_rate.ts";
export { NonFiniteLossError, type StepResult, Trainer, type TrainerOptions } from "./trainer.ts";
export { type EventFile, openEventFile, type OpenEventFileOptions } from "./tensorboard.ts";
export { type BatchExtent, batchExtent, type BatchExtentOptions } from "./batch_extent.ts";
export {
  type DescribedModel,
  estimateMemory,
  type EstimateMemoryOptions,
  type MemoryEstimate,
} from "./estimate_memory.ts";
