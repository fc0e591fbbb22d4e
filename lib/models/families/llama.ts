/**
 * The family Llama, of which OpenLLaMA and TinyLlama are.
 *
 * Source: H. Touvron et al., "LLaMA: open and efficient foundation language models", 2023.
 *
 * @module
 */
import { read } from "../config/common_fields.ts";
import { flag } from "../config/config_fields.ts";
import { decoderFamily } from "../blocks/decoder.ts";
import { type DecoderConfig, readDecoderConfig } from "../blocks/decoder_config.ts";
import type { ModelFamily } from "../family.ts";

/** The family's reader, for the registry. */
export const llama: ModelFamily<DecoderConfig> = decoderFamily(
  { modelType: "llama", architecture: "LlamaForCausalLM", fields: read("attention_bias", "mlp_bias") },
  (json) => {
    const attentionBias = flag(json, "attention_bias", false);
    return {
      ...readDecoderConfig(json, {
        modelType: "llama",
        vocabularySize: 32_000,
        hiddenSize: 4096,
        innerSize: 11_008,
        layers: 32,
        heads: 32,
        contextLength: 2048,
      }),
      biases: { queryKeyValue: attentionBias, output: attentionBias, inner: flag(json, "mlp_bias", false) },
    };
  },
);
