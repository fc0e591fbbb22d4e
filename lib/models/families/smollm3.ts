/**
 * The family SmolLM3: Llama's blocks, some without rotary embedding.
 *
 * Source: E. Bakouch et al., "SmolLM3: smol, multilingual, long-context reasoner", 2025; B. Yang et al., "RoPE to NoPE
 * and back again", 2025.
 *
 * @module
 */
import { read } from "../config/common_fields.ts";
import { count, flag, type Json, show } from "../config/config_fields.ts";
import { readAttentionBiases } from "../blocks/attention_biases.ts";
import { decoderFamily } from "../blocks/decoder.ts";
import { type DecoderConfig, readDecoderConfig } from "../blocks/decoder_config.ts";
import { readWindow, readWindows } from "../blocks/layer_types.ts";
import { readRotary } from "../blocks/rotary/read_rotary.ts";
import type { ModelFamily } from "../family.ts";

/** The family's reader, for the registry. */
export const smollm3: ModelFamily<DecoderConfig> = decoderFamily({
  modelType: "smollm3",
  architecture: "SmolLM3ForCausalLM",
  fields: {
    ...read("attention_bias", "mlp_bias", "no_rope_layers", "no_rope_layer_interval"),
    ...read("use_sliding_window", "sliding_window", "layer_types"),
  },
}, (given) => {
  const layers = count(given, "num_hidden_layers", 36);
  const turning = readTurningLayers(given, layers);
  // Written out, so that a pruned model keeps the layers without rotary embedding.
  const json = { ...given, no_rope_layers: turning.map(Number) };
  const config = readDecoderConfig(json, {
    modelType: "smollm3",
    vocabularySize: 128_256,
    hiddenSize: 2048,
    innerSize: 11_008,
    layers: 36,
    heads: 16,
    keyValueHeads: 4,
    contextLength: 32_768,
    tiedHead: true,
    rotary(sizes) {
      const rotary = readRotary(json, { ...sizes, theta: 2e6 });
      return turning.map((turns) => turns ? rotary : null);
    },
  });
  const window = readWindow(given);
  const slides = flag(json, "use_sliding_window", false) && window > 0;
  return {
    ...config,
    windows: readWindows(json, { layers, window, byDefault: (layer) => slides && !turning[layer] }),
    biases: { ...readAttentionBiases(json), inner: flag(json, "mlp_bias", false) },
  };
});

/** Whether each layer has a rotary embedding: a list of 1 and 0, or all but every `no_rope_layer_interval`-th. */
function readTurningLayers(json: Json, layers: number): boolean[] {
  const interval = count(json, "no_rope_layer_interval", 4);
  const flags = json.no_rope_layers ??
    Array.from({ length: layers }, (_, layer) => Number((layer + 1) % interval !== 0));
  if (!Array.isArray(flags) || flags.length < layers || flags.some((flag) => flag !== 0 && flag !== 1)) {
    throw new RangeError(
      `Cannot read config.json: "no_rope_layers" must be a list of 0 or 1 for each of ${layers} layers, current value is ${
        show(flags)
      }`,
    );
  }
  return flags.slice(0, layers).map(Boolean);
}
