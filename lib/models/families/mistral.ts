/**
 * The family Mistral: Llama's blocks with a window that slides over all layers, or over those that `layer_types` names.
 * With these, transformers takes the files for those of its family Ministral, which reads them in the same way.
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
    // Qwen's switches, which Mistral lacks; its window slides in any case.
    fields: { ...read("sliding_window", "layer_types"), ...inert("use_sliding_window", "max_window_layers") },
  }, (json) => {
    const config = readDecoderConfig(json, { modelType, ...MISTRAL_SIZES });
    const window = readWindow(json, 4096);
    return { ...config, windows: readWindows(json, { layers: config.layers, window, byDefault: () => window > 0 }) };
  });

/** The family's reader, for the registry. */
export const mistral: ModelFamily<DecoderConfig> = family("mistral", "MistralForCausalLM");

/** The reader of the same blocks under the name that transformers gives them where layers differ. */
export const ministral: ModelFamily<DecoderConfig> = family("ministral", "MinistralForCausalLM");
