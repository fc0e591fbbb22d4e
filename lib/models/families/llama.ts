/**
 * The family Llama, of which OpenLLaMA, TinyLlama and Falcon 3 are.
 *
 * Source: H. Touvron et al., "LLaMA: open and efficient foundation language models", 2023.
 *
 * @module
 */
import { read } from "../config/common_fields.ts";
import { flag, type Json } from "../config/config_fields.ts";
import { readAttentionBiases } from "../blocks/attention_biases.ts";
import { decoderFamily } from "../blocks/decoder.ts";
import { type DecoderConfig, readDecoderConfig } from "../blocks/decoder_config.ts";
import type { ModelFamily } from "../family.ts";

/**
 * Reads the configuration of Llama's blocks.
 *
 * @param json config.json.
 * @param modelType The family's name there.
 * @throws {RangeError | TypeError} If a field is invalid or asks for what is not supported; the message names it.
 */
export function readLlamaConfig(json: Json, modelType: string): DecoderConfig {
  return {
    ...readDecoderConfig(json, {
      modelType,
      vocabularySize: 32_000,
      hiddenSize: 4096,
      innerSize: 11_008,
      layers: 32,
      heads: 32,
      contextLength: 2048,
    }),
    biases: { ...readAttentionBiases(json), inner: flag(json, "mlp_bias", false) },
  };
}

/** Falcon 3's files name the inner layer's form, the only one there is. */
const fields = { ...read("attention_bias", "mlp_bias"), activation: ["swiglu"] };

/** The family's reader, for the registry. */
export const llama: ModelFamily<DecoderConfig> = decoderFamily(
  { modelType: "llama", architecture: "LlamaForCausalLM", headsDivideHidden: true, fields },
  (json) => readLlamaConfig(json, "llama"),
);
