/**
 * The first Gemma family: Llama's blocks with wide heads, norms that multiply by 1 + weight, and scaled embeddings.
 *
 * Source: Gemma Team, "Gemma: open models based on Gemini research and technology", 2024.
 *
 * @module
 */
import { inert, read } from "../config/common_fields.ts";
import { readAttentionBiases } from "../blocks/attention_biases.ts";
import { decoderFamily } from "../blocks/decoder.ts";
import { type DecoderConfig, readDecoderConfig } from "../blocks/decoder_config.ts";
import type { ModelFamily } from "../family.ts";

/** The family's reader, for the registry. */
export const gemma: ModelFamily<DecoderConfig> = decoderFamily({
  modelType: "gemma",
  architecture: "GemmaForCausalLM",
  // Later files have the activation under a second name too; transformers reads the first.
  fields: { ...read("attention_bias"), ...inert("hidden_activation") },
}, (json) => {
  const config = readDecoderConfig(json, {
    modelType: "gemma",
    vocabularySize: 256_000,
    hiddenSize: 3072,
    innerSize: 24_576,
    layers: 28,
    heads: 16,
    keyValueHeads: 16,
    headSize: 256,
    contextLength: 8192,
    tiedHead: true,
    activation: "gelu_pytorch_tanh",
  });
  return {
    ...config,
    // The first files have "gelu" but mean its tanh approximation.
    activation: config.activation === "gelu" ? "gelu_pytorch_tanh" : config.activation,
    biases: readAttentionBiases(json),
    normsFromZero: true,
    embeddingScale: Math.sqrt(config.hiddenSize),
  };
});
