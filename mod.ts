/**
 * Amid: distilling language models through α-mixture assistants.
 *
 * The assistant is a distribution r between teacher p and student q, the α-mixture, with two knobs: its order α and the
 * teacher's weight λ. The student is trained with any divergence between two of p, q and r.
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
export * from "./lib/analysis/mod.ts";
export * from "./lib/assistants/mod.ts";
export * from "./lib/datasets/mod.ts";
export * from "./lib/distributed/mod.ts";
export * from "./lib/planning/mod.ts";
export * from "./lib/divergences/mod.ts";
export {
  type AttentionKind,
  currentEngine,
  type EngineAbilities,
  type EngineInfo,
  type EngineName,
  type EngineOptions,
  EngineUnavailableError,
  type PassedOver,
  type Precision,
  useEngine,
} from "./lib/engines/mod.ts";
export { openCommunicator } from "./lib/engines/open_communicator.ts";
export type { NcclCommunicator, NcclOptions } from "./lib/engines/torch/nccl/nccl.ts";
export * from "./lib/evaluation/mod.ts";
export * from "./lib/figures/mod.ts";
export { type FileContent, writeAtomically } from "./lib/files/atomic_write.ts";
export type { LockHolder } from "./lib/files/file_lock.ts";
export * from "./lib/hub/mod.ts";
export * from "./lib/models/mod.ts";
export * from "./lib/notebooks/mod.ts";
export * from "./lib/objectives/mod.ts";
export * from "./lib/runs/mod.ts";
export * from "./lib/text/mod.ts";
export * from "./lib/teachers/mod.ts";
export * from "./lib/training/mod.ts";
