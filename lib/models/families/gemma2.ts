/**
 * The family Gemma 2: norms before and after each sublayer, capped scores and logits, a window on every other layer.
 *
 * Source: Gemma Team, "Gemma 2: improving open language models at a practical size", 2024.
 *
 * @module
 */
import { inert, read } from "../config/common_fields.ts";
import { positiveOrNull } from "../config/config_fields.ts";
import { decoderFamily } from "../blocks/decoder.ts";
import type { DecoderConfig } from "../blocks/decoder_config.ts";
import type { ModelFamily } from "../family.ts";
import { GEMMA_FIELDS, readGemmaConfig } from "./gemma_config.ts";

/** The family's reader, for the registry. */
export const gemma2: ModelFamily<DecoderConfig> = decoderFamily({
  modelType: "gemma2",
  architecture: "Gemma2ForCausalLM",
  headsDivideHidden: true,
  fields: {
    ...GEMMA_FIELDS,
    ...read("attn_logit_softcapping"),
    // The first files have the activation and the window under a second name too; transformers reads one of them.
    ...inert("hidden_act", "sliding_window_size"),
  },
}, (json) => ({
  ...readGemmaConfig(json, {
    modelType: "gemma2",
    vocabularySize: 256_000,
    contextLength: 8192,
    slides: (layer) => layer % 2 === 0,
  }),
  attentionSoftCap: positiveOrNull(json, "attn_logit_softcapping", 50),
  logitSoftCap: positiveOrNull(json, "final_logit_softcapping", 30),
}));
