/**
 * The family StableLM: Llama's blocks with layer norms, partially rotated heads, and, in its larger models, attention
 * and inner layer in parallel and a norm per head.
 *
 * Source: M. Bellagente et al., "Stable LM 2 1.6B technical report", 2024.
 *
 * @module
 */
import { read } from "../config/common_fields.ts";
import { flag } from "../config/config_fields.ts";
import { checkFilled } from "../blocks/check_filled.ts";
import { decoderFamily } from "../blocks/decoder.ts";
import { type DecoderConfig, readDecoderConfig } from "../blocks/decoder_config.ts";
import { readRotary } from "../blocks/rotary/read_rotary.ts";
import type { ModelFamily } from "../family.ts";

const family = decoderFamily({
  modelType: "stablelm",
  architecture: "StableLmForCausalLM",
  fields: {
    ...read("layer_norm_eps", "use_qkv_bias", "qk_layernorm", "use_parallel_residual"),
    head_dim: [], // the heads have the hidden width in total
  },
}, (json) => ({
  ...readDecoderConfig(json, {
    modelType: "stablelm",
    vocabularySize: 50_304,
    hiddenSize: 2560,
    innerSize: 6912,
    layers: 32,
    heads: 32,
    keyValueHeads: 32,
    contextLength: 4096,
    normEpsilonField: "layer_norm_eps",
    normEpsilon: 1e-5,
    rotary: ({ layers, ...sizes }) => new Array(layers).fill(readRotary(json, { ...sizes, partial: 0.25 })),
  }),
  biases: { queryKeyValue: flag(json, "use_qkv_bias", false), output: false, inner: false },
  layerNorms: true,
  parallel: flag(json, "use_parallel_residual", false),
  headNorms: flag(json, "qk_layernorm", false) && "own",
}));

/** The family's reader, for the registry. */
export const stablelm: ModelFamily<DecoderConfig> = {
  ...family,
  cutConfig(config, sizes) {
    const { hidden, heads } = sizes;
    checkFilled({ hidden, heads }, { family: "stablelm", headSize: config.headSize });
    if (config.headNorms && (heads !== config.heads || sizes.keyValueHeads !== config.keyValueHeads)) {
      throw new RangeError(
        `Cannot cut stablelm: all heads must be kept if "qk_layernorm" gives each its own norm, ${heads} of ` +
          `${config.heads} would`,
      );
    }
    const { head_dim: _, ...json } = family.cutConfig(config, sizes);
    return json;
  },
};
