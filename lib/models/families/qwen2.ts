/**
 * The family Qwen2, of which Qwen2.5 is: Llama's blocks with biases on query, key and value.
 *
 * Source: A. Yang et al., "Qwen2 technical report", 2024.
 *
 * @module
 */
import { inert } from "../config/common_fields.ts";
import { decoderFamily } from "../blocks/decoder.ts";
import { type DecoderConfig, readDecoderConfig } from "../blocks/decoder_config.ts";
import type { ModelFamily } from "../family.ts";
import { QWEN_FIELDS, readQwenWindows } from "./qwen_windows.ts";

/** The family's reader, for the registry. */
export const qwen2: ModelFamily<DecoderConfig> = decoderFamily(
  { modelType: "qwen2", architecture: "Qwen2ForCausalLM", fields: { ...QWEN_FIELDS, ...inert("attention_bias") } },
  (json) => {
    const config = readDecoderConfig(json, {
      modelType: "qwen2",
      vocabularySize: 151_936,
      hiddenSize: 4096,
      innerSize: 22_016,
      layers: 32,
      heads: 32,
      keyValueHeads: 32,
      contextLength: 32_768,
    });
    return {
      ...config,
      windows: readQwenWindows(json, config.layers),
      biases: { queryKeyValue: true, output: false, inner: false },
    };
  },
);
