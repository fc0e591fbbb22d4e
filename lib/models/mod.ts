/**
 * Language models: reading, writing, logits, generation.
 *
 * @module
 */
export type { Attend, ForwardInputs, ModelConfig, ModelFamily, ParameterRole, ParameterSpec, Start } from "./family.ts";
export type { FieldRule, FieldRules, NeutralValue } from "./field_rules.ts";
export type { WeightFormat } from "./float_formats.ts";
export { answerText, type EndTokensContext, endTokensOf, isEnded } from "./end_tokens.ts";
export { generate, type GenerateOptions } from "./generate.ts";
export { initializeModel, type InitializeOptions } from "./initialize_model.ts";
export { LanguageModel, type StatesOptions } from "./language_model.ts";
export type { AttentionInputs, CausalAttentionOptions } from "../operations/causal_attention.ts";
export type { RowPrefix, RowTree } from "../operations/row_layout.ts";
export { type AdapterBase, adapterBase, baseOfAdapter, loadAdaptedModel } from "./load_adapted.ts";
export { loadModel, type LoadModelOptions } from "./load_model.ts";
export { addLora, Lora, type LoraOptions, type LoraPair, type LoraSettings, mergeLora } from "./lora.ts";
export type { SplitStart } from "./lora_start.ts";
export { loadLora, type LoadLoraOptions, saveLora } from "./lora_folder.ts";
export type { PackedTokens } from "./packed_tokens.ts";
export type { DropoutPass, ProjectionAdapter } from "./projection.ts";
export { saveAdaptedModel } from "./save_adapted.ts";
export { saveModel, type SaveModelOptions } from "./save_model.ts";
export type { SamplingOptions } from "./sample_token.ts";
