/**
 * Amid: distilling language models through α-mixture assistants.
 *
 * @module
 */
export {
  type EngineInfo,
  type EngineName,
  type EngineOptions,
  EngineUnavailableError,
  type PassedOver,
  type Precision,
  useEngine,
} from "./lib/engines/mod.ts";
export type { Row } from "./lib/datasets/row.ts";
export type { LogitPair, Objective, ValueAndGradient } from "./lib/objectives/objective.ts";
export { exactMatch } from "./lib/evaluation/exact_match.ts";
export { porterStem } from "./lib/evaluation/porter_stemmer.ts";
export { rougeL } from "./lib/evaluation/rouge_l.ts";
export { type FileContent, writeAtomically } from "./lib/files/atomic_write.ts";
