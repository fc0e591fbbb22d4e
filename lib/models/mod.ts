/**
 * Language models: reading, writing, logits, generation.
 *
 * @module
 */
export type { AuxiliaryInputs, AuxiliaryLoss } from "./auxiliary_loss.ts";
export type {
  Attend,
  BlockObserver,
  CutSizes,
  ExpertObserver,
  ForwardInputs,
  ModelConfig,
  ModelFamily,
  ParameterAxis,
  ParameterRole,
  ParameterSpec,
  Start,
  Width,
} from "./family.ts";
export type { FieldRule, FieldRules, NeutralValue } from "./config/field_rules.ts";
export type { WeightFormat } from "./weights/float_formats.ts";
export { answerText, type EndTokensContext, endTokensOf, isEnded } from "./generation/end_tokens.ts";
export { generate, type GenerateOptions, generateScored, type ScoredAnswer } from "./generation/generate.ts";
export { initializeModel, type InitializeOptions } from "./initialize_model.ts";
export { LanguageModel, type StatesAndSumsOptions } from "./language_model.ts";
export type { StatesOptions } from "./states_options.ts";
export type { AttentionInputs, CausalAttentionOptions } from "../operations/causal_attention.ts";
export type { RowPrefix, RowTree } from "../batches/row_layout.ts";
export { type AdapterBase, adapterBase, baseOfAdapter } from "./lora/adapter_base.ts";
export { exportModel, type ExportModelOptions } from "./export_model.ts";
export { modelConfigOf } from "./model_config_of.ts";
export { loadModel, type LoadModelOptions } from "./load_model.ts";
export { Lora, type LoraOptions, type LoraPair, type LoraSettings } from "./lora/lora.ts";
export { addLora, mergeLora } from "./lora/add_lora.ts";
export type { SplitStart } from "./lora/lora_start.ts";
export { loadLora, type LoadLoraOptions, saveLora } from "./lora/lora_folder.ts";
export type { PackedTokens } from "../batches/packed_tokens.ts";
export type { DropoutPass, ProjectionAdapter } from "./projection_adapter.ts";
export type { CalibrationOptions } from "./prune/calibration.ts";
export {
  evenLayers,
  influentialLayers,
  type KnownLosses,
  layersByLoss,
  type LayersByLossOptions,
} from "./prune/choose_layers.ts";
export type { PruneSizes, SizeName } from "./prune/cut_sizes.ts";
export { layerInfluence } from "./prune/layer_influence.ts";
export { pruneModel, type PruneOptions } from "./prune.ts";
export { saveAdaptedModel } from "./lora/save_adapted.ts";
export { type GgufPrecision, saveGguf, type SaveGgufOptions } from "./save_gguf.ts";
export { type StorageDifference, storageDifference } from "./storage_difference.ts";
export { saveModel, type SaveModelOptions } from "./save_model.ts";
export type { SamplingOptions } from "./generation/sampling_options.ts";
