/**
 * The family Granite 3: Llama's blocks with factors on embeddings, scores, what blocks add, and logits.
 *
 * Source: Granite Team, IBM, "Granite 3.0 language models", 2024.
 *
 * @module
 */
import { read } from "../config/common_fields.ts";
import { flag, positive } from "../config/config_fields.ts";
import { decoderFamily } from "../blocks/decoder.ts";
import { type DecoderConfig, readDecoderConfig } from "../blocks/decoder_config.ts";
import type { ModelFamily } from "../family.ts";

/** The family's reader, for the registry. */
export const granite: ModelFamily<DecoderConfig> = decoderFamily({
  modelType: "granite",
  architecture: "GraniteForCausalLM",
  fields: {
    ...read("attention_bias", "mlp_bias"),
    ...read("embedding_multiplier", "attention_multiplier", "residual_multiplier", "logits_scaling"),
  },
}, (json) => {
  const bias = flag(json, "attention_bias", false);
  return {
    ...readDecoderConfig(json, {
      modelType: "granite",
      vocabularySize: 32_000,
      hiddenSize: 4096,
      innerSize: 11_008,
      layers: 32,
      heads: 32,
      contextLength: 2048,
    }),
    biases: { queryKeyValue: bias, output: bias, inner: flag(json, "mlp_bias", false) },
    embeddingScale: positive(json, "embedding_multiplier", 1),
    scale: positive(json, "attention_multiplier", 1),
    residualScale: positive(json, "residual_multiplier", 1),
    stateScale: 1 / positive(json, "logits_scaling", 1),
  };
});
