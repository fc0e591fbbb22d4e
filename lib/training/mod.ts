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
export type { Every } from "./every.ts";
export { checkpointsIn } from "./run/checkpoint_store.ts";
export {
  type DataPolicy,
  dataPolicy,
  type DataPolicyOptions,
  type PolicyContext,
  type PolicyState,
  type ReplaySchedule,
  type RowSource,
} from "./policy/data_policy.ts";
export { distill, type DistillEvent, type DistillOptions, type StartEvent, type StepEvent } from "./run/distill.ts";
export {
  type FailedStepRecord,
  readFailedStep,
  replayFailedStep,
  saveFailedStep,
  type SaveFailedStepOptions,
} from "./run/failed_step.ts";
export { learningRateAt, type LearningRateContext, type LearningRateSchedule } from "./optimizer/learning_rate.ts";
export { NonFiniteLossError } from "./step/non_finite_loss_error.ts";
export { ReplayBuffer, type ReplayEntry, type ReplayStatistics } from "./policy/replay_buffer.ts";
export type { RowSupplyOptions } from "./policy/row_supply.ts";
export { type ScheduledName, SettingsSchedule, type StepSettings } from "./step/step_settings.ts";
export { type ResponseOptions, studentResponses, type StudentResponsesOptions } from "./policy/student_responses.ts";
export type { StepPhase } from "./step/step_gradients.ts";
export type { RowShares } from "../batches/row_shares.ts";
export type { SharedSlots } from "./optimizer/shared_optimizer.ts";
export { type StepOptions, type StepResult, Trainer } from "./step/trainer.ts";
export type { TrainerOptions } from "./step/trainer_options.ts";
export { WeightAverage } from "./step/weight_average.ts";
export { type BatchExtent, batchExtent, type BatchExtentOptions } from "../batches/batch_extent.ts";
export {
  type CachedStates,
  estimateMemory,
  type EstimateMemoryOptions,
  type MemoryEstimate,
} from "./memory/estimate_memory.ts";
export type { DescribedModel } from "./memory/described_model.ts";
export { availableMemory, type AvailableMemoryOptions } from "./memory/available_memory.ts";
export { runMemory } from "./memory/run_memory.ts";
