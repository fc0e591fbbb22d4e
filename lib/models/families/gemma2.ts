/**
 * The family Gemma 2: norms before and after each part, capped scores and logits, a window on every other layer.
 *
 * Source: Gemma Team, "Gemma 2: improving open language models at a practical size", 2024.
 *
 * @module
 */
import { inert, read } from "../config/common_fields.ts";
import { count, flag, positive, positiveOrNull } from "../config/config_fields.ts";
import { decoderFamily } from "../blocks/decoder.ts";
import { type DecoderConfig, readDecoderConfig } from "../blocks/decoder_config.ts";
import { readWindows } from "../blocks/layer_types.ts";
import type { ModelFamily } from "../family.ts";

/** The family's reader, for the registry. */
export const gemma2: ModelFamily<DecoderConfig> = decoderFamily({
  modelType: "gemma2",
  architecture: "Gemma2ForCausalLM",
  fields: {
    ...read("hidden_activation", "attention_bias", "query_pre_attn_scalar", "sliding_window", "layer_types"),
    ...read("attn_logit_softcapping", "final_logit_softcapping"),
    // The first files had the activation under another name too, and the window under two; transformers reads one.
    ...inert("hidden_act", "sliding_window_size"),
  },
}, (json) => {
  const config = readDecoderConfig(json, {
    modelType: "gemma2",
    vocabularySize: 256_000,
    hiddenSize: 2304,
    innerSize: 9216,
    layers: 26,
    heads: 8,
    keyValueHeads: 4,
    headSize: 256,
    contextLength: 8192,
    tiedHead: true,
    activationField: "hidden_activation",
    activation: "gelu_pytorch_tanh",
  });
  const bias = flag(json, "attention_bias", false);
  const window = json.sliding_window === null ? 0 : count(json, "sliding_window", 4096);
  return {
    ...config,
    windows: readWindows(json, { layers: config.layers, window, byDefault: (layer) => layer % 2 === 0 }),
    scale: 1 / Math.sqrt(positive(json, "query_pre_attn_scalar", 256)),
    attentionSoftCap: positiveOrNull(json, "attn_logit_softcapping", 50),
    logitSoftCap: positiveOrNull(json, "final_logit_softcapping", 30),
    biases: { queryKeyValue: bias, output: bias, inner: false },
    norms: "around",
    normsFromZero: true,
    embeddingScale: Math.sqrt(config.hiddenSize),
  };
});
