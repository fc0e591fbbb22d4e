/**
 * Language models: reading, writing, logits, generation.
 *
 * @module
 */
export type { AuxiliaryInputs, AuxiliaryLoss } from "./auxiliary_loss.ts";
export type { Attend, ForwardInputs, ModelConfig, ModelFamily, ParameterRole, ParameterSpec, Start } from "./family.ts";
export type { FieldRule, FieldRules, NeutralValue } from "./config/field_rules.ts";
export type { WeightFormat } from "./weights/float_formats.ts";
export { answerText, type EndTokensContext, endTokensOf, isEnded } from "./generation/end_tokens.ts";
export { generate, type GenerateOptions } from "./generation/generate.ts";
export { initializeModel, type InitializeOptions } from "./initialize_model.ts";
export { LanguageModel, type StatesOptions } from "./language_model.ts";
export type { AttentionInputs, CausalAttentionOptions } from "../operations/causal_attention.ts";
export type { RowPrefix, RowTree } from "../batches/row_layout.ts";
export { type AdapterBase, adapterBase, baseOfAdapter, loadAdaptedModel } from "./lora/load_adapted.ts";
export { loadModel, type LoadModelOptions } from "./load_model.ts";
export { addLora, Lora, type LoraOptions, type LoraPair, type LoraSettings, mergeLora } from "./lora/lora.ts";
export type { SplitStart } from "./lora/lora_start.ts";
export { loadLora, type LoadLoraOptions, saveLora } from "./lora/lora_folder.ts";
export type { PackedTokens } from "../batches/packed_tokens.ts";
export type { DropoutPass, ProjectionAdapter } from "./blocks/projection.ts";
export { saveAdaptedModel } from "./lora/save_adapted.ts";
export { saveModel, type SaveModelOptions } from "./save_model.ts";
export type { SamplingOptions } from "./generation/sampling_options.ts";
