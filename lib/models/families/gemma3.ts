/**
 * The text models of Gemma 3: Gemma 2's blocks without caps on scores, with a norm on each head of query and key, and
 * rotary bases that differ between layers with a window and layers without.
 *
 * Files of multimodal models (`gemma3`) have the text model's configuration in `text_config` and its tensors beside
 * those of the vision tower, which are skipped; a text model is saved.
 *
 * Source: Gemma Team, "Gemma 3 technical report", 2025.
 *
 * @module
 */
import { inert, read } from "../config/common_fields.ts";
import { fieldsOf } from "../config/check_config.ts";
import { count, type Json, positive, positiveOrNull } from "../config/config_fields.ts";
import { checkFields } from "../config/field_rules.ts";
import { decoderFamily } from "../blocks/decoder.ts";
import type { DecoderConfig } from "../blocks/decoder_config.ts";
import { readLayerTypes } from "../blocks/layer_types.ts";
import { asObject } from "../blocks/rotary/read_rotary.ts";
import { readRotaryByType } from "../blocks/rotary/read_rotary_by_type.ts";
import type { ModelFamily } from "../family.ts";
import { GEMMA_FIELDS, readGemmaConfig } from "./gemma_config.ts";

/** Fields that only concern images. */
const ofImages = inert("vision_config", "mm_tokens_per_image", "image_token_id", "image_token_index");

/** The family's reader, for the registry. */
export const gemma3Text: ModelFamily<DecoderConfig> = decoderFamily({
  modelType: "gemma3_text",
  architecture: "Gemma3ForCausalLM",
  headless: "Gemma3TextModel",
  headsDivideHidden: true,
  fields: {
    ...GEMMA_FIELDS,
    ...read("sliding_window_pattern", "rope_local_base_freq"),
    // transformers never caps scores, whatever the file has, and ignores the pattern in files that list their layers.
    ...inert("attn_logit_softcapping", "_sliding_window_pattern", "hidden_act"),
    ...ofImages,
  },
}, (json) => {
  const pattern = count(json, "sliding_window_pattern", 6);
  const slides = (layer: number) => (layer + 1) % pattern !== 0;
  const config = readGemmaConfig(json, {
    modelType: "gemma3_text",
    vocabularySize: 262_208,
    contextLength: 131_072,
    slides,
    rotary({ layers, ...sizes }) {
      const thetas = {
        full_attention: positive(json, "rope_theta", 1e6),
        sliding_attention: positive(json, "rope_local_base_freq", 1e4),
      };
      const rotary = readRotaryByType(json, { ...sizes, thetas });
      return readLayerTypes(json, { layers, byDefault: slides }).map((type) => rotary[type]);
    },
  });
  return { ...config, logitSoftCap: positiveOrNull(json, "final_logit_softcapping"), headNorms: true };
});

/** Tensors of the vision tower. */
const OF_IMAGES = /^(model\.)?(vision_tower|multi_modal_projector)\./;

/** The reader of multimodal models, for the registry. */
export const gemma3: ModelFamily<DecoderConfig> = {
  ...gemma3Text,
  modelType: "gemma3",
  architecture: "Gemma3ForConditionalGeneration",
  headless: "Gemma3Model",
  fields: {
    ...read("text_config"),
    vocab_size: [], // the text model has its own
    ...ofImages,
    ...inert("boi_token_index", "boi_token_id", "eoi_token_index", "eoi_token_id"),
  },
  readConfig: (json) => gemma3Text.readConfig(textConfig(json)),
  parameterName(tensorName) {
    if (OF_IMAGES.test(tensorName)) return null;
    // Before transformers 5 the names were `language_model.model`, now they are `model.language_model`.
    return gemma3Text.parameterName(
      tensorName.replace(/^language_model\./, "").replace(/^model\.language_model\./, "model."),
    );
  },
};

/** The text model's config.json: its own object, with the outer one's head and end tokens. */
function textConfig(json: Json): Json {
  const text = asObject(json.text_config ?? {}, "text_config");
  checkFields(text, fieldsOf(gemma3Text), "config.json: text_config");
  const outer = Object.fromEntries(
    ["tie_word_embeddings", "eos_token_id", "bos_token_id", "pad_token_id", "dtype", "torch_dtype"]
      .filter((field) => json[field] != null).map((field) => [field, json[field]]),
  );
  return { ...text, ...outer, model_type: "gemma3_text", architectures: [gemma3Text.architecture] };
}
