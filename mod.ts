/**
 * Amid: distilling language models through α-mixture assistants.
 *
 * The assistant is a distribution r between teacher p and student q, the α-mixture, with two knobs: its order α and the
 * teacher's weight λ. The student is trained with any divergence between two of p, q and r.
 *
 * This module has what a notebook or a script starts with. Each part of the library exports the rest under its own name:
 * `@amid/amid/divergences`, `/assistants`, `/objectives`, `/models`, `/text`, `/datasets`, `/teachers`, `/training`,
 * `/runs`, `/evaluation`, `/figures`, `/notebooks`, `/analysis`, `/planning`, `/engines`, `/distributed` and `/hub`.
 *
 * Source: "AMiD: Knowledge Distillation for LLMs with α-mixture Assistant Distribution", 2025, arXiv 2510.15982.
 *
 * @example A step of distillation with the built-in teacher
 * ```ts
 * import assert from "node:assert/strict";
 * import { loadModel, loadTokenizer, objective, rowFromText, Trainer, useEngine } from "@amid/amid";
 *
 * await useEngine("wasm");
 * const teacher = await loadModel("data/teacher");
 * const student = await loadModel("data/student-start");
 * const tokenizer = await loadTokenizer("data/tokenizer");
 *
 * const trainer = new Trainer({
 *   student,
 *   teacher,
 *   objective: objective("amid", { divergence: "kl", order: "pr", alpha: 0, lambda: 0.1 }),
 *   totalSteps: 100,
 *   optimizer: { learningRate: 1e-3 },
 * });
 * const row = rowFromText(tokenizer, { prompt: "What kind of thing is a heron?\n", response: "animal" });
 * const { loss } = await trainer.step([row]);
 * assert(loss > 0);
 * ```
 *
 * @module
 */
export {
  type EngineInfo,
  type EngineName,
  type EngineOptions,
  type PassedOver,
  type Precision,
  useEngine,
} from "./lib/engines/mod.ts";
export {
  alphaMixture,
  type AlphaMixtureOptions,
  type Schedule,
  type ScheduledNumber,
  scheduledNumber,
  type ScheduledNumberOptions,
} from "./lib/assistants/mod.ts";
export {
  type Divergence,
  divergence,
  type DivergenceName,
  type DivergenceOption,
  divergences,
} from "./lib/divergences/mod.ts";
export {
  combined,
  type CombinedOptions,
  type Composition,
  composition,
  type CompositionOptions,
  maskedMean,
  type Objective,
  objective,
  type ObjectiveName,
  type ObjectiveOptions,
  objectives,
  withMixture,
} from "./lib/objectives/mod.ts";
export {
  addLora,
  generate,
  type GenerateOptions,
  initializeModel,
  type InitializeOptions,
  LanguageModel,
  loadLora,
  type LoadLoraOptions,
  loadModel,
  type LoadModelOptions,
  Lora,
  type LoraOptions,
  mergeLora,
  saveLora,
  saveModel,
  type SaveModelOptions,
} from "./lib/models/mod.ts";
export { loadTokenizer, type LoadTokenizerOptions, type Tokenizer } from "./lib/text/mod.ts";
export { type Row, rowFromText, type RowFromTextOptions, type TextRow } from "./lib/datasets/mod.ts";
export {
  cached,
  type CachedOptions,
  type CachedTeacher,
  type HiddenTeacher,
  type KeptTargets,
  type KeptTargetsOptions,
  localTeacher,
  type Teacher,
  type TeacherBatch,
  type TeacherIdentity,
  type TeacherTargets,
} from "./lib/teachers/mod.ts";
export {
  distill,
  type DistillEvent,
  type DistillOptions,
  type StepOptions,
  type StepResult,
  Trainer,
  type TrainerOptions,
} from "./lib/training/mod.ts";
export {
  evaluate,
  type EvaluateOptions,
  type Evaluation,
  type EvaluationRow,
  exactMatch,
  rougeL,
  validationLoss,
  type ValidationLossOptions,
} from "./lib/evaluation/mod.ts";
export { followLive, type LivePlotOptions, show } from "./lib/notebooks/mod.ts";
export type { PlotSpecification, TrainingRun } from "./lib/figures/mod.ts";
