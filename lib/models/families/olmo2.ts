/**
 * The family OLMo 2: norms only after attention and inner layer, and one over all heads of query and of key.
 *
 * Source: Team OLMo, "2 OLMo 2 Furious", 2024.
 *
 * @module
 */
import { read } from "../config/common_fields.ts";
import { readAttentionBiases } from "../blocks/attention_biases.ts";
import { decoderFamily } from "../blocks/decoder.ts";
import { type DecoderConfig, readDecoderConfig } from "../blocks/decoder_config.ts";
import type { ModelFamily } from "../family.ts";

/** The family's reader, for the registry. */
export const olmo2: ModelFamily<DecoderConfig> = decoderFamily(
  { modelType: "olmo2", architecture: "Olmo2ForCausalLM", fields: read("attention_bias") },
  (json) => ({
    ...readDecoderConfig(json, {
      modelType: "olmo2",
      vocabularySize: 50_304,
      hiddenSize: 4096,
      innerSize: 11_008,
      layers: 32,
      heads: 32,
      contextLength: 2048,
      normEpsilon: 1e-5,
    }),
    biases: readAttentionBiases(json),
    headNorms: "together",
    norms: "behind",
  }),
);
