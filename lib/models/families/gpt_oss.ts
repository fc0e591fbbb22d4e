/**
 * The family gpt-oss: mixtures of experts with a clamped gate, and attention with sinks, over a window in every second
 * layer.
 *
 * Source: OpenAI, "gpt-oss-120b & gpt-oss-20b model card", 2025.
 *
 * @module
 */
import { read } from "../config/common_fields.ts";
import { type Json, positive } from "../config/config_fields.ts";
import { readAttentionBiases } from "../blocks/attention_biases.ts";
import { decoderFamily } from "../blocks/decoder.ts";
import { type DecoderConfig, readDecoderConfig } from "../blocks/decoder_config.ts";
import { EXPERT_FIELDS, readExperts } from "../blocks/experts_config.ts";
import { readWindow, readWindows } from "../blocks/layer_types.ts";
import type { ModelFamily } from "../family.ts";

/** The default rotary embedding is YaRN's. */
const ROTARY = {
  rope_type: "yarn",
  factor: 32,
  beta_fast: 32,
  beta_slow: 1,
  truncate: false,
  original_max_position_embeddings: 4096,
  rope_theta: 150_000,
};

/** The family's reader, for the registry. */
export const gptOss: ModelFamily<DecoderConfig> = decoderFamily({
  modelType: "gpt_oss",
  architecture: "GptOssForCausalLM",
  dequantized: ["mxfp4"],
  fields: {
    ...EXPERT_FIELDS,
    ...read("attention_bias", "sliding_window", "layer_types", "swiglu_alpha", "swiglu_limit"),
  },
}, ({ quantization_config: _, ...json }) => {
  const config = readDecoderConfig(withRotary(json), {
    modelType: "gpt_oss",
    vocabularySize: 201_088,
    hiddenSize: 2880,
    innerSize: 2880,
    layers: 36,
    heads: 64,
    keyValueHeads: 8,
    headSize: 64,
    contextLength: 131_072,
    normEpsilon: 1e-5,
  });
  const { layers, innerSize } = config;
  const window = readWindow(json, 128);
  const experts = readExperts(json, { count: 128, chosen: 4, balanceWeight: 0.001 });
  return {
    ...config,
    json,
    windows: readWindows(json, { layers, window, byDefault: (layer) => layer % 2 === 0 }),
    biases: readAttentionBiases(json, true),
    sinks: true,
    routed: new Array(layers).fill(true),
    experts: {
      ...experts,
      innerSize,
      normalized: true,
      innerAxis: "inner",
      router: "mlp.router",
      name: "mlp.experts",
      form: { alpha: positive(json, "swiglu_alpha", 1.702), limit: positive(json, "swiglu_limit", 7) },
    },
    expertCount: experts.count,
    expertShare: experts.chosen / experts.count,
  };
});

function withRotary(json: Json): Json {
  const says = json.rope_parameters != null || json.rope_scaling != null;
  return { rope_theta: ROTARY.rope_theta, ...json, ...(says ? {} : { rope_parameters: ROTARY }) };
}
