/**
 * The family Qwen3: Llama's blocks with a norm on each head of query and key.
 *
 * Source: A. Yang et al., "Qwen3 technical report", 2025.
 *
 * @module
 */
import { read } from "../config/common_fields.ts";
import { readAttentionBiases } from "../blocks/attention_biases.ts";
import { decoderFamily } from "../blocks/decoder.ts";
import type { DecoderConfig } from "../blocks/decoder_config.ts";
import type { ModelFamily } from "../family.ts";
import { QWEN_FIELDS, readQwenConfig } from "./qwen_config.ts";

/** The family's reader, for the registry. */
export const qwen3: ModelFamily<DecoderConfig> = decoderFamily(
  { modelType: "qwen3", architecture: "Qwen3ForCausalLM", fields: { ...QWEN_FIELDS, ...read("attention_bias") } },
  (json) => ({
    ...readQwenConfig(json, { modelType: "qwen3", headSize: 128 }),
    biases: readAttentionBiases(json),
    headNorms: true,
  }),
);
