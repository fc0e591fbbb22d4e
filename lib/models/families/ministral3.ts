/**
 * The family Ministral 3: Llama's blocks with YaRN, and queries scaled by the logarithm of their position.
 *
 * Source: Mistral AI, "Ministral 3", 2025; the scaling is that of Llama 4.
 *
 * @module
 */
import { read } from "../config/common_fields.ts";
import { count, type Json, positive } from "../config/config_fields.ts";
import { decoderFamily } from "../blocks/decoder.ts";
import { type DecoderConfig, readDecoderConfig } from "../blocks/decoder_config.ts";
import { readWindow } from "../blocks/layer_types.ts";
import { type NamedParameters, rotaryOf, rotaryParameters } from "../blocks/rotary/read_rotary.ts";
import type { ModelFamily } from "../family.ts";

/** The default rotary parameters. */
const usual: Json = {
  type: "yarn",
  rope_theta: 1e6,
  factor: 16,
  original_max_position_embeddings: 16_384,
  beta_fast: 32,
  beta_slow: 1,
  mscale_all_dim: 1,
  mscale: 1,
  llama_4_scaling_beta: 0.1,
};

/** The family's reader, for the registry. */
export const ministral3: ModelFamily<DecoderConfig> = decoderFamily({
  modelType: "ministral3",
  architecture: "Ministral3ForCausalLM",
  fields: read("sliding_window"),
}, (json) => {
  const named = parametersOf(json);
  const config = readDecoderConfig(json, {
    modelType: "ministral3",
    vocabularySize: 131_072,
    hiddenSize: 4096,
    innerSize: 14_336,
    layers: 34,
    heads: 32,
    keyValueHeads: 8,
    headSize: 128,
    contextLength: 262_144,
    normEpsilon: 1e-5,
    rotary({ layers, ...sizes }) {
      const ownKeys = ["llama_4_scaling_beta", "max_position_embeddings"];
      return new Array(layers).fill(rotaryOf(json, named, { ...sizes, ownKeys }));
    },
  });
  const window = readWindow(json);
  const growth = positive(named.parameters, "llama_4_scaling_beta");
  const original = count(
    json.original_max_position_embeddings == null ? named.parameters : json,
    "original_max_position_embeddings",
    config.contextLength,
  );
  return {
    ...config,
    windows: config.windows.fill(window),
    queryScale: (position) => 1 + growth * Math.log(1 + Math.floor(position / original)),
  };
});

function parametersOf(json: Json): NamedParameters {
  const isGiven = json.rope_parameters != null || json.rope_scaling != null;
  return isGiven ? rotaryParameters(json) : { field: "rope_parameters", parameters: usual };
}
