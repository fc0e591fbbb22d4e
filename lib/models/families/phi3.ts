/**
 * The family Phi-3, which includes Phi-4 and Phi-4-mini: Llama's blocks with fused projections, LongRoPE, and possibly
 * partially rotated heads.
 *
 * Source: M. Abdin et al., "Phi-3 technical report", 2024; Microsoft, "Phi-4-Mini technical report", 2025.
 *
 * @module
 */
import { read } from "../config/common_fields.ts";
import { decoderFamily } from "../blocks/decoder.ts";
import { type DecoderConfig, readDecoderConfig } from "../blocks/decoder_config.ts";
import { readWindow } from "../blocks/layer_types.ts";
import { rotaryOf, rotaryParameters } from "../blocks/rotary/read_rotary.ts";
import type { ModelFamily } from "../family.ts";

/** Older names of LongRoPE in this family's files. */
const OLDER_NAMES: unknown[] = ["su", "yarn"];

/** The family's reader, for the registry. */
export const phi3: ModelFamily<DecoderConfig> = decoderFamily({
  modelType: "phi3",
  architecture: "Phi3ForCausalLM",
  // Settings of Microsoft's own code, where other values would have an effect.
  fields: { ...read("sliding_window"), full_attn_mod: [1], interpolate_factor: [1] },
}, (json) => {
  const config = readDecoderConfig(json, {
    modelType: "phi3",
    vocabularySize: 32_064,
    hiddenSize: 3072,
    innerSize: 8192,
    layers: 32,
    heads: 32,
    contextLength: 4096,
    normEpsilon: 1e-5,
    rotary({ layers, ...sizes }) {
      const { field, parameters } = rotaryParameters(json);
      const isOlder = OLDER_NAMES.includes(parameters.rope_type ?? parameters.type);
      const named = { field, parameters: isOlder ? { ...parameters, rope_type: "longrope" } : parameters };
      const options = { ...sizes, partial: 1, originalContext: 4096, kinds: ["default", "longrope"] as const };
      return new Array(layers).fill(rotaryOf(json, named, options));
    },
  });
  const window = readWindow(json);
  return { ...config, windows: config.windows.fill(window), fused: true };
});
