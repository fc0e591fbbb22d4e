/**
 * The config.json of a pruned model of the shared blocks.
 *
 * @module
 */
import type { Json } from "../config/config_fields.ts";
import { checkDivided, checkFilled } from "./check_filled.ts";
import type { CutSizes } from "../family.ts";
import type { DecoderConfig } from "./decoder_config.ts";
import { EXPERT_COUNTS } from "./experts_config.ts";

/** Options for {@linkcode cutDecoderConfig}. */
export interface CutDecoderConfigOptions {
  sizes: CutSizes;
  /** The family's reader of config.json. */
  readConfig: (json: Json) => DecoderConfig;
  /**
   * Whether transformers loads the family only if its heads divide the hidden width.
   *
   * @default {false}
   */
  headsDivideHidden?: boolean;
}

/** Fields that have a value for each layer. */
const BY_LAYER = ["layer_types", "mlp_layer_types", "no_rope_layers"];

/**
 * Makes the config.json. Fields with a value for each layer keep those of the kept layers; if a family derives its
 * windows or experts from a layer's index, the file lists the layers explicitly.
 *
 * @param config The configuration of the model that is pruned.
 * @throws {RangeError} If the heads must have the hidden width in total, or divide it, and do not.
 */
export function cutDecoderConfig(config: DecoderConfig, options: CutDecoderConfigOptions): Json {
  const { sizes, readConfig, headsDivideHidden = false } = options;
  const { layers, hidden, inner, heads, keyValueHeads, experts, vocabulary } = sizes;
  // In transformers, a norm over all heads at once is as wide as the states.
  if (config.headNorms === "together") checkFilled(sizes, { family: config.modelType, headSize: config.headSize });
  if (headsDivideHidden && (hidden < config.hiddenSize || heads < config.heads)) checkDivided(sizes, config.modelType);
  const byLayer = BY_LAYER.flatMap((field) => {
    const { [field]: values } = config.json;
    return Array.isArray(values) ? [[field, layers.map((layer) => values[layer])]] : [];
  });
  const json: Json = {
    ...config.json,
    ...Object.fromEntries(byLayer),
    ...sparseLayers(config, layers),
    ...expertCounts(config, experts),
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

/** The layers with experts, if config.json gives them by a step and a list. */
function sparseLayers({ json, routed }: DecoderConfig, layers: readonly number[]): Json {
  if (json.decoder_sparse_step == null && json.mlp_only_layers == null) return {};
  const plain = layers.flatMap((layer, place) => routed[layer] ? [] : [place]);
  return { decoder_sparse_step: 1, mlp_only_layers: plain };
}

/** The number of experts, and how many of them process a position: as many as before, or all that there are. */
function expertCounts({ json, experts }: DecoderConfig, count: number): Json {
  if (experts === undefined) return {};
  const given = EXPERT_COUNTS.filter((name) => json[name] != null);
  const names = given.length > 0 ? given : [EXPERT_COUNTS[0]];
  const counts = Object.fromEntries(names.map((name) => [name, count]));
  return { ...counts, num_experts_per_tok: Math.min(experts.chosen, count) };
}
