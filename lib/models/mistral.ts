/**
 * The family Mistral: Llama's blocks with a window that slides over all layers.
 *
 * Source: A. Q. Jiang et al., "Mistral 7B", 2023.
 *
 * @module
 */
import { count } from "./config_fields.ts";
import { decoderFamily } from "./decoder.ts";
import { type DecoderConfig, readDecoderConfig } from "./decoder_config.ts";
import type { ModelFamily } from "./family.ts";

/** The family's reader, for the registry. */
export const mistral: ModelFamily<DecoderConfig> = decoderFamily({
  modelType: "mistral",
  architecture: "MistralForCausalLM",
}, (json) => {
  const config = readDecoderConfig(json, {
    modelType: "mistral",
    ...{ vocabularySize: 32_000, hiddenSize: 4096, innerSize: 14_336, layers: 32, heads: 32, keyValueHeads: 8 },
    contextLength: 131_072,
  });
  const window = json.sliding_window === null ? 0 : count(json, "sliding_window", 4096);
  return { ...config, windows: config.windows.map(() => window) };
});
