/**
 * The family Granite 3: Llama's blocks with factors on embeddings, scores, residuals and logits.
 *
 * Source: Granite Team, IBM, "Granite 3.0 language models", 2024.
 *
 * @module
 */
import { read } from "../config/common_fields.ts";
import { positive } from "../config/config_fields.ts";
import { decoderFamily } from "../blocks/decoder.ts";
import type { DecoderConfig } from "../blocks/decoder_config.ts";
import type { ModelFamily } from "../family.ts";
import { readLlamaConfig } from "./llama.ts";

/** The family's reader, for the registry. */
export const granite: ModelFamily<DecoderConfig> = decoderFamily({
  modelType: "granite",
  architecture: "GraniteForCausalLM",
  fields: {
    ...read("attention_bias", "mlp_bias"),
    ...read("embedding_multiplier", "attention_multiplier", "residual_multiplier", "logits_scaling"),
  },
}, (json) => ({
  ...readLlamaConfig(json, "granite"),
  embeddingScale: positive(json, "embedding_multiplier", 1),
  scale: positive(json, "attention_multiplier", 1),
  residualScale: positive(json, "residual_multiplier", 1),
  hiddenScale: 1 / positive(json, "logits_scaling", 1),
}));
