/**
 * The family Mistral: Llama's blocks with a sliding window in all layers, or in those that `layer_types` lists.
 * transformers reads files with `layer_types` as its family Ministral, in the same way.
 *
 * Source: A. Q. Jiang et al., "Mistral 7B", 2023.
 *
 * @module
 */
import { inert, read } from "../config/common_fields.ts";
import { decoderFamily } from "../blocks/decoder.ts";
import { type DecoderConfig, readDecoderConfig } from "../blocks/decoder_config.ts";
import { readWindow, readWindows } from "../blocks/layer_types.ts";
import type { ModelFamily } from "../family.ts";

/** The sizes of Mistral 7B, which a config.json may leave out. */
export const MISTRAL_SIZES = {
  vocabularySize: 32_000,
  hiddenSize: 4096,
  innerSize: 14_336,
  layers: 32,
  heads: 32,
  keyValueHeads: 8,
  contextLength: 131_072,
} as const;

const family = (modelType: string, architecture: string): ModelFamily<DecoderConfig> =>
  decoderFamily({
    modelType,
    architecture,
    // Qwen's switches, which Mistral does not have; its window always applies.
    fields: { ...read("sliding_window", "layer_types"), ...inert("use_sliding_window", "max_window_layers") },
  }, (json) => {
    const config = readDecoderConfig(json, { modelType, ...MISTRAL_SIZES });
    const window = readWindow(json, 4096);
    return { ...config, windows: readWindows(json, { layers: config.layers, window, byDefault: () => window > 0 }) };
  });

/** The family's reader, for the registry. */
export const mistral: ModelFamily<DecoderConfig> = family("mistral", "MistralForCausalLM");

/** The reader of the same blocks under transformers' name for models with `layer_types`. */
export const ministral: ModelFamily<DecoderConfig> = family("ministral", "MinistralForCausalLM");
