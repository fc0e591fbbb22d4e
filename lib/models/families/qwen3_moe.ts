/**
 * The mixtures of experts of the family Qwen3: its blocks, some or all with experts as their inner layer.
 *
 * Source: A. Yang et al., "Qwen3 technical report", 2025.
 *
 * @module
 */
import { inert, read } from "../config/common_fields.ts";
import { count, flag, type Json } from "../config/config_fields.ts";
import { readAttentionBiases } from "../blocks/attention_biases.ts";
import { decoderFamily } from "../blocks/decoder.ts";
import { type DecoderConfig, readDecoderConfig } from "../blocks/decoder_config.ts";
import { EXPERT_FIELDS, GATED_EXPERTS, readExperts } from "../blocks/experts_config.ts";
import type { ModelFamily } from "../family.ts";
import { readQwenWindow } from "./qwen_config.ts";

/** The family's reader, for the registry. */
export const qwen3Moe: ModelFamily<DecoderConfig> = decoderFamily({
  modelType: "qwen3_moe",
  architecture: "Qwen3MoeForCausalLM",
  fields: {
    ...EXPERT_FIELDS,
    ...read("attention_bias", "moe_intermediate_size", "norm_topk_prob", "mlp_only_layers", "decoder_sparse_step"),
    ...read("use_sliding_window", "sliding_window"),
    // Either all layers have the window or none.
    ...inert("max_window_layers"),
  },
}, (json) => {
  const config = readDecoderConfig(json, {
    modelType: "qwen3_moe",
    vocabularySize: 151_936,
    hiddenSize: 2048,
    innerSize: 6144,
    layers: 24,
    heads: 32,
    keyValueHeads: 4,
    contextLength: 32_768,
  });
  const experts = readExperts(json, { count: 128, chosen: 8, balanceWeight: 0.001 });
  return {
    ...config,
    windows: new Array(config.layers).fill(readQwenWindow(json)),
    biases: readAttentionBiases(json),
    headNorms: true,
    routed: readSparseLayers(json, config.layers),
    experts: {
      ...experts,
      innerSize: count(json, "moe_intermediate_size", 768),
      normalized: flag(json, "norm_topk_prob", false),
      innerAxis: "fixed",
      ...GATED_EXPERTS,
    },
    expertCount: experts.count,
    expertShare: experts.chosen / experts.count,
  };
});

/** Which layers have experts: every `decoder_sparse_step`-th, except those in `mlp_only_layers`. */
function readSparseLayers(json: Json, layers: number): boolean[] {
  const step = count(json, "decoder_sparse_step", 1);
  const plain = json.mlp_only_layers ?? [];
  if (!Array.isArray(plain) || !plain.every((layer) => Number.isSafeInteger(layer) && layer >= 0)) {
    throw new TypeError(
      `Cannot read config.json: "mlp_only_layers" must be a list of layers, current value is ${JSON.stringify(plain)}`,
    );
  }
  return Array.from({ length: layers }, (_, layer) => (layer + 1) % step === 0 && !plain.includes(layer));
}
