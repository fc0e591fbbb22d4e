/**
 * What Gemma 2 and 3 have in common: norms around each part, windows on some layers, and their sizes.
 *
 * @module
 */
import { read } from "../config/common_fields.ts";
import { type Json, positive } from "../config/config_fields.ts";
import type { FieldRules } from "../config/field_rules.ts";
import { readAttentionBiases } from "../blocks/attention_biases.ts";
import { type DecoderConfig, type DecoderDefaults, readDecoderConfig } from "../blocks/decoder_config.ts";
import { readWindow, readWindows } from "../blocks/layer_types.ts";

/** The fields that both read beside those of all families. */
export const GEMMA_FIELDS: FieldRules = read(
  "hidden_activation",
  "attention_bias",
  "query_pre_attn_scalar",
  "sliding_window",
  "layer_types",
  "final_logit_softcapping",
);

/** What differs between the two. */
export interface GemmaDefaults
  extends Pick<DecoderDefaults, "modelType" | "vocabularySize" | "contextLength" | "rotary"> {
  /** Whether a layer slides where config.json does not say. */
  slides: (layer: number) => boolean;
}

/**
 * Reads the configuration, without caps on scores and logits and without norms of heads.
 *
 * @throws {RangeError | TypeError} If a field is invalid or asks for what is not supported; the message names it.
 */
export function readGemmaConfig(json: Json, { slides, ...defaults }: GemmaDefaults): DecoderConfig {
  const config = readDecoderConfig(json, {
    ...defaults,
    hiddenSize: 2304,
    innerSize: 9216,
    layers: 26,
    heads: 8,
    keyValueHeads: 4,
    headSize: 256,
    tiedHead: true,
    activationField: "hidden_activation",
    activation: "gelu_pytorch_tanh",
  });
  return {
    ...config,
    windows: readWindows(json, { layers: config.layers, window: readWindow(json, 4096), byDefault: slides }),
    scale: 1 / Math.sqrt(positive(json, "query_pre_attn_scalar", 256)),
    biases: readAttentionBiases(json),
    norms: "around",
    normsFromZero: true,
    embeddingScale: Math.sqrt(config.hiddenSize),
  };
}
