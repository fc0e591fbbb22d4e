/**
 * The family Qwen2, which includes Qwen2.5: Llama's blocks with biases on query, key and value.
 *
 * Source: A. Yang et al., "Qwen2 technical report", 2024.
 *
 * @module
 */
import { inert } from "../config/common_fields.ts";
import { decoderFamily } from "../blocks/decoder.ts";
import type { DecoderConfig } from "../blocks/decoder_config.ts";
import type { ModelFamily } from "../family.ts";
import { QWEN_FIELDS, readQwenConfig } from "./qwen_config.ts";

/** The family's reader, for the registry. */
export const qwen2: ModelFamily<DecoderConfig> = decoderFamily(
  { modelType: "qwen2", architecture: "Qwen2ForCausalLM", fields: { ...QWEN_FIELDS, ...inert("attention_bias") } },
  (json) => ({
    ...readQwenConfig(json, { modelType: "qwen2" }),
    biases: { queryKeyValue: true, output: false, inner: false },
  }),
);
