/**
 * The family Mixtral: Mistral's blocks, each with a mixture of experts as its inner layer.
 *
 * Source: A. Q. Jiang et al., "Mixtral of experts", 2024.
 *
 * @module
 */
import { inert, read } from "../config/common_fields.ts";
import { decoderFamily } from "../blocks/decoder.ts";
import { type DecoderConfig, readDecoderConfig } from "../blocks/decoder_config.ts";
import { EXPERT_FIELDS, readExperts } from "../blocks/experts_config.ts";
import { readWindow } from "../blocks/layer_types.ts";
import type { ModelFamily } from "../family.ts";
import { MISTRAL_SIZES } from "./mistral.ts";

/** The family's reader, for the registry. */
export const mixtral: ModelFamily<DecoderConfig> = decoderFamily({
  modelType: "mixtral",
  architecture: "MixtralForCausalLM",
  // The jitter is noise during training in transformers, like dropout.
  fields: { ...EXPERT_FIELDS, ...read("sliding_window"), ...inert("router_jitter_noise") },
}, (json) => {
  const config = readDecoderConfig({ rope_theta: 1e6, ...json }, {
    modelType: "mixtral",
    ...MISTRAL_SIZES,
    normEpsilon: 1e-5,
  });
  const { layers, innerSize } = config;
  const window = readWindow(json);
  const experts = readExperts(json, { count: 8, chosen: 2, balanceWeight: 0.001 });
  return {
    ...config,
    json,
    windows: new Array(layers).fill(window),
    routed: new Array(layers).fill(true),
    experts: {
      ...experts,
      innerSize,
      normalized: true,
      innerAxis: "inner",
      router: "block_sparse_moe.gate",
      name: "block_sparse_moe.experts",
      form: { gate: "w1", up: "w3", down: "w2" },
    },
    expertCount: experts.count,
    expertShare: experts.chosen / experts.count,
  };
});
