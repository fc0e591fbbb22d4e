/**
 * The family OLMoE: Llama's blocks with a norm on query and on key, whose inner layers are mixtures of many small experts.
 *
 * Source: N. Muennighoff et al., "OLMoE: open mixture-of-experts language models", 2024.
 *
 * @module
 */
import { read } from "../config/common_fields.ts";
import { flag, positive } from "../config/config_fields.ts";
import { readAttentionBiases } from "../blocks/attention_biases.ts";
import { decoderFamily } from "../blocks/decoder.ts";
import { type DecoderConfig, readDecoderConfig } from "../blocks/decoder_config.ts";
import { EXPERT_FIELDS, GATED_EXPERTS, readExperts } from "../blocks/experts_config.ts";
import type { ModelFamily } from "../family.ts";

/** The family's reader, for the registry. */
export const olmoe: ModelFamily<DecoderConfig> = decoderFamily({
  modelType: "olmoe",
  architecture: "OlmoeForCausalLM",
  fields: { ...EXPERT_FIELDS, ...read("attention_bias", "clip_qkv", "norm_topk_prob") },
}, (json) => {
  const config = readDecoderConfig(json, {
    modelType: "olmoe",
    vocabularySize: 50_304,
    hiddenSize: 2048,
    innerSize: 2048,
    layers: 16,
    heads: 16,
    contextLength: 4096,
    normEpsilon: 1e-5,
  });
  const { layers, innerSize, hiddenSize, heads, headSize } = config;
  if (heads * headSize !== hiddenSize) {
    throw new RangeError(
      `Cannot read config.json: "num_attention_heads" heads must have the width "hidden_size" ${hiddenSize} in total, ` +
        `there are ${heads} of ${headSize}`,
    );
  }
  const experts = readExperts(json, { count: 64, chosen: 8, balanceWeight: 0.01 });
  return {
    ...config,
    biases: readAttentionBiases(json),
    headNorms: "together",
    queryKeyValueLimit: json.clip_qkv == null ? undefined : positive(json, "clip_qkv"),
    routed: new Array(layers).fill(true),
    experts: {
      ...experts,
      innerSize,
      normalized: flag(json, "norm_topk_prob", false),
      innerAxis: "inner",
      ...GATED_EXPERTS,
    },
    expertCount: experts.count,
    expertShare: experts.chosen / experts.count,
  };
});
