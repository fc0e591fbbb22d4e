/**
 * Training: the step, and the whole run.
 *
 * @module
 */
export { adamWRule, type AdamWRuleOptions } from "./optimizer/adam_w_rule.ts";
export { lionRule, type LionRuleOptions } from "./optimizer/lion_rule.ts";
export { Optimizer, type OptimizerOptions } from "./optimizer/optimizer.ts";
export { type OptimizerName, updateRules } from "./optimizer/rules.ts";
export type { UpdateRule, UpdateStep, UpdateTensors } from "./optimizer/update_rule.ts";
export { checkpointsIn } from "./checkpoint_store.ts";
export {
  type DataPolicy,
  dataPolicy,
  type DataPolicyOptions,
  type PolicyContext,
  type PolicyState,
  type ReplaySchedule,
  type RowSource,
} from "./data_policy.ts";
export { distill, type DistillEvent, type DistillOptions, type StepEvent } from "./distill.ts";
export {
  type FailedStepRecord,
  readFailedStep,
  replayFailedStep,
  saveFailedStep,
  type SaveFailedStepOptions,
} from "./failed_step.ts";
export { learningRateAt, type LearningRateContext, type LearningRateSchedule } from "./learning_rate.ts";
export { NonFiniteLossError } from "./non_finite_loss_error.ts";
export { ReplayBuffer, type ReplayEntry, type ReplayStatistics } from "./replay_buffer.ts";
export type { RowSupplyOptions } from "./row_supply.ts";
export { type ScheduledName, SettingsSchedule, type StepSettings } from "./step_settings.ts";
export { type ResponseOptions, studentResponses, type StudentResponsesOptions } from "./student_responses.ts";
export type { StepPhase } from "./step_gradients.ts";
export type { RowShares } from "./row_shares.ts";
export type { SharedSlots } from "./optimizer/shared_optimizer.ts";
export { type StepOptions, type StepResult, Trainer } from "./trainer.ts";
export type { TrainerOptions } from "./trainer_options.ts";
export { WeightAverage } from "./weight_average.ts";
export { type EventFile, openEventFile, type OpenEventFileOptions } from "./tensorboard.ts";
export { type BatchExtent, batchExtent, type BatchExtentOptions } from "./batch_extent.ts";
export {
  type DescribedModel,
  estimateMemory,
  type EstimateMemoryOptions,
  type MemoryEstimate,
} from "./estimate_memory.ts";
export { runMemory } from "./run_memory.ts";
