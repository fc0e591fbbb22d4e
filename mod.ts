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
export * from "./lib/assistants/mod.ts";
export * from "./lib/divergences/mod.ts";
export * from "./lib/objectives/mod.ts";
