/**
 * The config.json of a model of the shared blocks that is cut out of another.
 *
 * @module
 */
import type { Json } from "../config/config_fields.ts";
import type { CutSizes } from "../family.ts";
import type { DecoderConfig } from "./decoder_config.ts";

/** Options for {@linkcode cutDecoderConfig}. */
export interface CutDecoderConfigOptions {
  sizes: CutSizes;
  /** The family's reader of config.json. */
  readConfig: (json: Json) => DecoderConfig;
}

/**
 * Makes the config.json. Fields with a value for each layer keep those of the kept layers; where a family's windows follow
 * from a layer's place, `layer_types` says from now on what they are.
 *
 * @param config The configuration of the model that is cut.
 */
export function cutDecoderConfig(config: DecoderConfig, { sizes, readConfig }: CutDecoderConfigOptions): Json {
  const { layers, hidden, inner, heads, keyValueHeads, vocabulary } = sizes;
  const perLayer = Object.entries(config.json).flatMap(([field, value]) =>
    /layer/.test(field) && Array.isArray(value) && value.length === config.layers
      ? [[field, layers.map((layer) => value[layer])]]
      : []
  );
  const json: Json = {
    ...config.json,
    ...Object.fromEntries(perLayer),
    num_hidden_layers: layers.length,
    hidden_size: hidden,
    intermediate_size: inner,
    num_attention_heads: heads,
    num_key_value_heads: keyValueHeads,
    head_dim: config.headSize,
    vocab_size: vocabulary,
  };
  const windows = layers.map((layer) => config.windows[layer]);
  if (readConfig(json).windows.join() === windows.join()) return json;
  return { ...json, layer_types: windows.map((window) => window > 0 ? "sliding_attention" : "full_attention") };
}
